package import CasusEvents

/// Which records of a log are detections, and what they point to. Read from `mapping.yaml`, which users edit.
///
/// The first rule whose conditions all hold decides about a record; a record without one is no detection.
package struct Mapping: Sendable {
  package var rules: [Rule]
  /// SHA-256 of the file.
  package var digest: String

  package struct Rule: Sendable {
    package var name: String
    var conditions: [Condition]
    package var meaning: Meaning?
  }

  /// What a matched record means; a rule without one (`ignore: true`) says that the record is no detection.
  package struct Meaning: Sendable {
    /// With `{a.dotted.path}` where a field's text goes.
    package var title: Template
    var techniques: [Technique] = []
    var software: [Software] = []
    /// 0...6; nil: by the alert's own severity, or 1.
    package var severity: Int?
    package var confidence: Double?
    /// Fields that name techniques or software themselves, as rule sets' metadata does.
    var techniquesFrom: [Source] = []
    var softwareFrom: [Source] = []
    package var asset: AssetEnd = .either

    /// The techniques a record points to, each once, at most 32.
    package func techniques(for record: JSONTree) -> [Technique] {
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
    package func software(for record: JSONTree) -> [Software] {
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
  package struct Source: Sendable {
    var path: FieldPath
    var probability: Double
  }

  /// Which end of the flow was hit.
  package enum AssetEnd: String, CaseIterable, Sendable {
    case source, destination
    /// The end that the asset list knows; the one that was called where it knows both.
    case either
  }

  /// The first rule that holds for a record, and its place.
  package func rule(for record: JSONTree) -> Rule? {
    rules.first { rule in rule.conditions.allSatisfy { $0.holds(for: record) } }
  }
}

/// `dnp3.application.function_code`: member names on the way to a value; arrays stand for each of their elements.
package struct FieldPath: Hashable, Sendable {
  package var keys: [String]
  package init(_ text: String) { keys = text.split(separator: ".").map(String.init) }

  package func values(in record: JSONTree) -> [JSONTree] { record.values(at: keys) }
  package func texts(in record: JSONTree) -> [String] { values(in: record).compactMap(\.text) }
}

/// A title with fields in braces.
package struct Template: Hashable, Sendable {
  package enum Piece: Hashable, Sendable {
    case text(String)
    case field(FieldPath)
  }

  package var pieces: [Piece] = []

  /// Nil when a brace is not closed.
  package init?(_ text: String) {
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
      pieces.append(.field(FieldPath(String(rest[rest.index(after: open)..<close]))))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
  }

  package func text(for record: JSONTree) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(let path): path.texts(in: record).first ?? "?"
      }
    }.joined()
  }
}
