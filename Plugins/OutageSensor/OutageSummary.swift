/// What became of every report: `reports` = accepted + duplicates + refused + kept + unseen + repeated + outdated + those
/// that are broken as reports; `broken` counts broken files and rows too.
struct OutageSummary: Codable, Equatable, Sendable {
  var files = 0
  var reports = 0
  var accepted = 0
  var duplicates = 0
  var refused = 0
  var revisions = 0
  /// Said before in the same words.
  var repeated = 0
  var outdated = 0
  var broken = 0
  /// In the outbox file, without an answer yet.
  var kept = 0
  /// The broker took or refused them when this sensor was about to end, and nobody counted the answer.
  var unseen = 0

  var logLine: String {
    "summary files=\(files) reports=\(reports) accepted=\(accepted) duplicates=\(duplicates) refused=\(refused) "
      + "revisions=\(revisions) repeated=\(repeated) outdated=\(outdated) broken=\(broken) "
      + "kept=\(kept) unseen=\(unseen)"
  }

  var healthText: String {
    "\(files) files, \(reports) reports (\(refused) refused, \(kept) waiting), \(broken) broken"
  }

  init() {}

  /// Also reads summaries from before there was an outbox.
  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func count(_ key: CodingKeys) throws -> Int { try values.decodeIfPresent(Int.self, forKey: key) ?? 0 }
    files = try count(.files)
    reports = try count(.reports)
    accepted = try count(.accepted)
    duplicates = try count(.duplicates)
    refused = try count(.refused)
    revisions = try count(.revisions)
    repeated = try count(.repeated)
    outdated = try count(.outdated)
    broken = try count(.broken)
    kept = try count(.kept)
    unseen = try count(.unseen)
  }
}
