public import CasusEvents
public import IJSON

/// Which records of a log are detections, and what they point to. Read from `mapping.yaml`, which users edit.
///
/// The first rule whose conditions all hold decides about a record; a record without one is no detection.
public struct Mapping: Sendable {
  public var rules: [Rule]
  /// SHA-256 of the file.
  public var digest: String

  public struct Rule: Sendable {
    public var name: String
    var conditions: [Condition]
    public var meaning: Meaning?
  }

  /// What a matched record means; a rule without one (`ignore: true`) says that the record is no detection.
  public struct Meaning: Sendable {
    /// With `{a.dotted.path}` where a field's text goes.
    public var title: Template
    var techniques: [Technique] = []
    var software: [Software] = []
    /// 0...6; nil: by the alert's own severity, or 1.
    public var severity: Int?
    public var confidence: Double?
    /// Fields that name techniques or software themselves, as rule sets' metadata does.
    var techniquesFrom: [Source] = []
    var softwareFrom: [Source] = []
    public var asset: AssetEnd = .either

    /// The techniques a record points to, each once, at most 32.
    public func techniques(for record: JSONValue) -> [Technique] {
      var found = techniques
      for source in techniquesFrom {
        for text in source.path.texts(in: record) {
          guard let technique = Technique(attack: text, probability: source.probability),
            !found.contains(where: { $0.id == technique.id })
          else { continue }
          found.append(technique)
        }
      }
      return Array(found.prefix(32))
    }

    /// The software a record points to, each once, at most 16.
    public func software(for record: JSONValue) -> [Software] {
      var found = software
      for source in softwareFrom {
        for text in source.path.texts(in: record)
        where Software.isID(text) && !found.contains(where: { $0.id == text }) {
          found.append(Software(name: Software.names[text] ?? text, id: text, probability: source.probability))
        }
      }
      return Array(found.prefix(16))
    }
  }

  /// A field with ATT&CK ids in it, and how likely a rule that names one is right.
  public struct Source: Sendable {
    var path: FieldPath
    var probability: Double
  }

  /// Which end of the flow was hit.
  public enum AssetEnd: String, CaseIterable, Sendable {
    case source, destination
    /// The end that the asset list knows; the one that was called where it knows both.
    case either
  }

  /// The first rule that holds for a record, and its place.
  public func rule(for record: JSONValue) -> Rule? {
    rules.first { rule in rule.conditions.allSatisfy { $0.holds(for: record) } }
  }
}

/// `dnp3.application.function_code`: member names on the way to a value; arrays stand for each of their elements.
public struct FieldPath: Hashable, Sendable {
  public var keys: [String]
  public init(_ text: String) { keys = text.split(separator: ".").map(String.init) }

  public func values(in record: JSONValue) -> [JSONValue] { record.values(at: keys) }
  public func texts(in record: JSONValue) -> [String] { values(in: record).compactMap(\.text) }
}

/// A title with fields in braces.
public struct Template: Hashable, Sendable {
  public enum Piece: Hashable, Sendable {
    case text(String)
    case field(FieldPath)
  }

  public var pieces: [Piece] = []

  /// Nil when a brace is not closed.
  public init?(_ text: String) {
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
      pieces.append(.field(FieldPath(String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
  }

  public func text(for record: JSONValue) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(let path): path.texts(in: record).first ?? "?"
      }
    }.joined()
  }
}
