/// A row of the table that a configuration file is read by: what a member is called, what it may be and what it means.
///
/// Readers ask for a member by its name and get it checked as its row says, so a range or an alphabet stands here alone; and
/// the reference pages are made from the same rows. A plain value.
public struct Field: Sendable {
  public indirect enum Kind: Sendable {
    /// One line of text, not empty.
    case text
    /// A name's alphabet (`CasusNames.Name`).
    case name
    /// `AGENCY/PLUGIN`.
    case identity
    /// An event type's pattern.
    case pattern
    /// The beginning of an agency's types.
    case prefix
    /// A public key in Z85.
    case key
    /// Two capital letters (ISO 3166-1 alpha-2).
    case nation
    /// A file or a folder.
    case path
    /// Where a broker listens.
    case endpoint
    /// A whole number.
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    /// A span of time, `500ms`, `30s`, `5m`, `2h`.
    case span
    /// One of some words, each with what it means (may be empty).
    case choice([(word: String, meaning: String)])
    case list(Kind)
    /// One value or a list of them.
    case oneOrMore(Kind)
    case table(FieldTable)
    /// Names that the file chooses, each with such a value.
    case map(Kind)
    /// Whatever YAML holds; its reader says what is wrong with it.
    case any(String)
  }

  public let name: String
  public let kind: Kind
  public let isRequired: Bool
  /// What holds without it, as people write it; nil where there is nothing.
  public let standard: String?
  /// One sentence or two.
  public let doc: String

  public init(_ name: String, _ kind: Kind, required: Bool = false, standard: String? = nil, _ doc: String) {
    self.name = name
    self.kind = kind
    isRequired = required
    self.standard = standard
    self.doc = doc
  }
}

/// The members of one kind of mapping.
public struct FieldTable: Sendable {
  /// As messages name it: `the broker's configuration`, `a plugin`.
  public let name: String
  public let fields: [Field]

  public init(_ name: String, _ fields: [Field]) {
    self.name = name
    self.fields = fields
  }

  public subscript(name: String) -> Field? { fields.first { $0.name.utf8.elementsEqual(name.utf8) } }
  public var names: [String] { fields.map(\.name) }

  /// For a help text: a line a field, its standard or the words that it may be, and what it means.
  public var help: String {
    let width = names.map(\.utf8.count).max() ?? 0
    return fields.map { field in
      let name = field.name + String(repeating: " ", count: width - field.name.utf8.count)
      var given = field.standard
      if case .choice(let words) = field.kind { given = words.map(\.word).joined(separator: ", ") }
      return "  \(name)  \(given.map { "(\($0)) " } ?? "")\(field.doc)"
    }.joined(separator: "\n")
  }

  /// Every field with its dotted path, those of tables inside behind their own, for a reference page.
  public var all: [(path: String, field: Field)] { all(behind: "") }

  private func all(behind prefix: String) -> [(path: String, field: Field)] {
    fields.flatMap { field -> [(path: String, field: Field)] in
      let path = prefix + field.name
      let inner = field.kind.table
      return [(path, field)] + (inner.map { $0.table.all(behind: path + $0.between) } ?? [])
    }
  }
}

extension Field.Kind {
  fileprivate var table: (table: FieldTable, between: String)? {
    switch self {
    case .table(let table): (table, ".")
    case .list(let kind): kind.table.map { ($0.table, "[]" + $0.between) }
    case .map(let kind): kind.table.map { ($0.table, ".NAME" + $0.between) }
    default: nil
    }
  }

  public static func words(_ words: some Sequence<String>) -> Field.Kind { .choice(words.map { ($0, "") }) }

  /// For a reference page: `whole number, 1 to 65536`; `list of type patterns`.
  public var text: String {
    switch self {
    case .text: "text"
    case .name: "name"
    case .identity: "AGENCY/PLUGIN"
    case .pattern: "type pattern"
    case .prefix: "beginning of types"
    case .key: "public key, 40 characters of Z85"
    case .nation: "two capital letters (ISO 3166-1)"
    case .path: "path"
    case .endpoint: "endpoint"
    case .integer(let range): "whole number, \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "number, \(range.lowerBound) to \(range.upperBound)"
    case .flag: "true or false"
    case .span: "span of time, as 500ms, 30s, 5m, 2h"
    case .choice(let words): words.map(\.word).joined(separator: ", ")
    case .list(let kind): "list of: \(kind.text)"
    case .oneOrMore(let kind): "\(kind.text), or a list of them"
    case .table(let table): table.name
    case .map(let kind): "names, each with: \(kind.text)"
    case .any(let what): what
    }
  }
}
