import CasusEvents
import CasusNames
import IJSON

/// An event as one line for people: its place, when, whose, how grave, and what it says, within so many columns.
struct EventLine {
  /// `detection`; another agency's type in full.
  let kind: String
  /// What its `data` says of itself in few words; its subject where it says nothing.
  let title: String
  /// A detection's; nil where there is none.
  let severity: Severity?
  private let stamp: Stamp
  private let agency: String

  init(_ event: RecordedEvent) {
    stamp = event.stamp
    agency = String(event.stamp.sender.prefix { $0 != "/" })
    let type = event.envelope.type.rawValue
    // `casus.bus.left.v1` is bus.left; who else's type it is says its name.
    kind = Name.isVocabulary(type) ? type.split(separator: ".").dropFirst().dropLast().joined(separator: ".") : type
    let limits = JSONLimits(maxBytes: max(event.bytes.count, 1), maxDepth: 64)
    let found = (try? JSONDocument(event.bytes, limits: limits))?.read { root -> (String?, Int?) in
      guard let data = root["data"], data.kind == .object else { return (nil, nil) }
      let text = data["finding"]?["title"]?.string ?? Self.words.lazy.compactMap { data[$0]?.string }.first
      return (text, data["severity_id"]?.int64.flatMap { Int(exactly: $0) })
    }
    let text = found?.0 ?? ""
    title = text.isEmpty ? event.envelope.subject ?? "" : text
    severity = found?.1.flatMap(Severity.init)
  }

  /// The members of `data` that may say what an event is about, the best first.
  private static let words: [StaticString] = [
    "title", "message", "summary", "reason", "outcome", "finding", "state", "event_type", "plugin",
  ]

  func text(columns: Int) -> String {
    let time = stamp.recorded.rfc3339.dropFirst(5).prefix(14).map { $0 == "T" ? " " : String($0) }.joined()
    let marks = stamp.flags.names.map { "[\($0)] " }.joined()
    let sequence = String(stamp.sequence)
    let number = String(repeating: " ", count: max(0, 6 - sequence.count)) + sequence
    let grade = severity.map { $0 == .informational ? "info" : $0.name } ?? "-"
    let start = "\(number) \(time) \(Columns.cell(agency, 14)) \(Columns.cell(grade, 8)) "
    let what = title.isEmpty ? kind : "\(kind): \(title)"
    var line = start + Columns.fit(marks + what, max(columns - Columns.width(start), 8))
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}
