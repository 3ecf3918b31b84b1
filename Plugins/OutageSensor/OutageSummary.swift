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
}
