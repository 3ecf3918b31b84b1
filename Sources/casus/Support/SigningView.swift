import CasusCases
import CasusEvents
import CasusLedger
import CasusNames
import IJSON

/// What a signer has to know before the signature leaves this process, as people read it and as JSON.
struct SigningView {
  let prepared: PreparedStatement
  private let party: String
  private let publisher: String
  private let keys: [SigningKey]
  private let record: CaseRecord
  private let incident: IncidentRecord?
  private let payloadSHA256: String
  /// Of the text as it would be with these signatures; empty for a position, which needs one of the party's signers.
  private let tallies: [Verdict.Tally]
  /// Assessments that are newer than the snapshot.
  private let movedOn: [Citation]
  /// Marked assessments, which a live statement leaves out.
  private let leftOut: [Citation]

  /// What will be noted with it, though it counts.
  private let warnings: [String]

  /// Throws a `Failure` with the reasons when it would not count.
  init(
    _ prepared: PreparedStatement, party: String, publisher: String, keys: [SigningKey], _ record: CaseRecord,
    _ projection: CaseProjection
  ) throws {
    let caseID = record.opened.data.caseID
    let preview = try projection.preview(prepared.draft, by: publisher, in: caseID)
    // Whoever signs another text while one is open may do so, and everybody will see it.
    let hindering = preview.findings.filter { $0.code != .conflictingSignatures }
    guard hindering.isEmpty, let next = preview.record else { throw Failure(notCounting: hindering) }
    warnings = preview.findings.map(\.message)
    self.prepared = prepared
    self.party = party
    self.publisher = publisher
    self.keys = keys
    self.record = record
    incident = projection.incidents[record.opened.data.incident]
    payloadSHA256 = sha256Hex(try DSSE.payload(of: prepared.envelope))
    tallies = next.tallies(of: payloadSHA256)
    let size = UInt64(prepared.snapshot.treeSize) ?? 0
    movedOn = (incident?.assessments ?? []).filter { (UInt64($0.sequence) ?? 0) > size }
    leftOut = record.mode == .live ? projection.markedAssessments(of: record.opened.data.incident) : []
  }

  private var signers: [String] {
    keys.map { key in
      let name = record.policy?.signer(key.verifyingKey)?.signer.name ?? "unknown"
      return "\(name) (key \(key.keyid.prefix(8)))"
    }
  }

  var text: String {
    let file = record.opened.data
    let snapshot = prepared.snapshot
    var rows: [(String, [String])] = [
      ("case", ["\(file.caseID) (\(record.mode.rawValue)): \(file.title)"]),
      ("incident", ["\(file.incident): \(incident?.current.data.title ?? "not in this journal")"]),
      ("party", ["\(party), signed by \(signers.joined(separator: ", ")), published by \(publisher)"]),
      ("says", prepared.words), ("sha256", SpokenDigest.lines(payloadSHA256)),
    ]
    if let replaces = prepared.replaces { rows.append(("replaces", ["sha256 \(SpokenDigest.beginning(replaces)) …"])) }
    if !tallies.isEmpty {
      let parts = tallies.map { "\($0.party) \($0.signatures.count) of \($0.needed)" }
      rows.append(("quorum", ["with this: \(parts.joined(separator: ", "))"]))
    }
    rows.append(
      (
        "evidence",
        [
          "\(snapshot.events.count) of the incident's \(snapshot.evidenceCount) events, as of sequence "
            + snapshot.treeSize
        ]
      ))
    let newer = movedOn.map(\.mark.description).joined(separator: " ")
    rows.append(("since", [movedOn.isEmpty ? "nothing newer" : "THE EVIDENCE HAS MOVED ON: \(newer)"]))
    if !leftOut.isEmpty {
      let marks = leftOut.map(\.mark.description).joined(separator: " ")
      rows.append(("left out", ["replayed or of an exercise: \(marks)"]))
    }
    if !warnings.isEmpty { rows.append(("note", warnings)) }
    // A line of another's text is one line, and never looks like a row.
    return rows.map { name, lines in
      lines.enumerated().map { index, line in
        Columns.cell(index == 0 ? name : "", 10) + HarmlessText.shown(line) + "\n"
      }.joined()
    }.joined()
  }

  /// The same for programs, behind what became of the event.
  func write(_ json: inout JSONWriter) {
    let file = record.opened.data
    json.string("case", file.caseID)
    json.string("mode", record.mode.rawValue)
    json.string("incident", file.incident)
    json.string("party", party)
    json.string("publisher", publisher)
    json.array("signers") { json in for key in keys { json.string(key.keyid) } }
    json.string("payload_sha256", payloadSHA256)
    if let replaces = prepared.replaces { json.string("replaces", replaces) }
    json.array("quorum") { json in
      for tally in tallies {
        json.object { json in
          json.string("party", tally.party)
          json.int("signatures", tally.signatures.count)
          json.int("needed", tally.needed)
        }
      }
    }
    json.int("evidence", prepared.snapshot.events.count)
    json.int("evidence_count", prepared.snapshot.evidenceCount)
    json.array("moved_on") { json in for citation in movedOn { json.string(citation.sequence) } }
    json.array("warnings") { json in for warning in warnings { json.string(warning) } }
    json.array("left_out") { json in for citation in leftOut { json.string(citation.sequence) } }
  }
}

extension Failure {
  /// What would not count is not published. A key, a party or a publisher that is refused is a right that is refused.
  init(notCounting findings: [CaseFinding]) {
    let rights: [CaseFinding.Code] = [.unauthorisedKey, .badSignature, .wrongParty, .wrongPublisher]
    let code: ExitStatus =
      findings.contains { rights.contains($0.code) }
      ? .notPermitted : findings.contains { $0.code == .wrongPolicy } ? .configuration : .partly
    let reasons = findings.map { "\($0.code.rawValue): \($0.message)" }
    self.init(code, "not signed, since it would not count: " + reasons.joined(separator: "; "))
  }
}
