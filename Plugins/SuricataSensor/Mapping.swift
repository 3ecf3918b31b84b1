import CasusEvents

/// Which records of a log are detections, and what they point to. Read from `mapping.yaml`, which users edit.
///
/// The first rule whose conditions all hold decides about a record; a record without one is no detection.
struct Mapping: Sendable {
  var rules: [Rule]
  /// SHA-256 of the file.
  var digest: String

  struct Rule: Sendable {
    var name: String
    var conditions: [Condition]
    var meaning: Meaning?
  }

  /// What a matched record means; a rule without one (`ignore: true`) says that the record is no detection.
  struct Meaning: Sendable {
    /// With `{a.dotted.path}` where a field's text goes.
    var title: Template
    var techniques: [Technique] = []
    var software: [Software] = []
    /// 0...6; nil: by the alert's own severity, or 1.
    var severity: Int?
    var confidence: Double?
    /// Fields that name techniques or software themselves, as rule sets' metadata does.
    var techniquesFrom: [Source] = []
    var softwareFrom: [Source] = []
    var asset: AssetEnd = .either
  }

  /// A field with ATT&CK ids in it, and how likely a rule that names one is right.
  struct Source: Sendable {
    var path: FieldPath
    var probability: Double
  }

  /// Which end of the flow was hit.
  enum AssetEnd: String, CaseIterable, Sendable {
    case source, destination
    /// The end that the asset list knows; the one that was called where it knows both.
    case either
  }

  /// The first rule that holds for a record, and its place.
  func rule(for record: JSONTree) -> Rule? {
    rules.first { rule in rule.conditions.allSatisfy { $0.holds(for: record) } }
  }
}

/// `dnp3.application.function_code`: member names on the way to a value; arrays stand for each of their elements.
struct FieldPath: Hashable, Sendable {
  var keys: [String]
  init(_ text: String) { keys = text.split(separator: ".").map(String.init) }

  func values(in record: JSONTree) -> [JSONTree] { record.values(at: keys) }
  func texts(in record: JSONTree) -> [String] { values(in: record).compactMap(\.text) }
}

/// A title with fields in braces.
struct Template: Hashable, Sendable {
  enum Piece: Hashable, Sendable {
    case text(String)
    case field(FieldPath)
  }

  var pieces: [Piece] = []

  /// Nil when a brace is not closed.
  init?(_ text: String) {
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
      pieces.append(.field(FieldPath(String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
  }

  func text(for record: JSONTree) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(let path): path.texts(in: record).first ?? "?"
      }
    }.joined()
  }
}
