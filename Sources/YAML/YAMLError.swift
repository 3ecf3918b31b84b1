/// Why a text was refused, and what to do about it.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of fault. Open: a later version may know more, so a `switch` needs a default.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not YAML.
    public static let syntax = Code(rawValue: "syntax")
    /// Not UTF-8, or a character that YAML forbids.
    public static let encoding = Code(rawValue: "encoding")
    /// A mapping has a key twice.
    public static let duplicateKey = Code(rawValue: "duplicate-key")
    /// A list or a mapping as a key.
    public static let keyKind = Code(rawValue: "key-kind")
    /// `*name` without a `&name` before it.
    public static let unknownAlias = Code(rawValue: "unknown-alias")
    /// More aliases, or more behind them, than ``YAMLLimits`` admit.
    public static let aliases = Code(rawValue: "aliases")
    /// Deeper than ``YAMLLimits/maxDepth``.
    public static let depth = Code(rawValue: "depth")
    /// Longer than ``YAMLLimits/maxBytes``.
    public static let size = Code(rawValue: "size")
    /// A second document in the text.
    public static let documents = Code(rawValue: "documents")
    /// A value is not what the reading type wants.
    public static let value = Code(rawValue: "value")
    public static let memory = Code(rawValue: "memory")
  }

  public var code: Code
  /// Nil when the text as a whole is meant.
  public var place: YAMLPlace?
  /// One line, without the place.
  public var message: String

  public init(_ code: Code, at place: YAMLPlace? = nil, _ message: String) {
    self.code = code
    self.place = place
    self.message = message
  }

  /// `3:14: message`.
  public var description: String { place.map { "\($0): \(message)" } ?? message }

  /// `file.yaml:3:14: message`; `file.yaml: message` when the text as a whole is meant.
  public func description(in file: String) -> String { place == nil ? "\(file): \(self)" : "\(file):\(self)" }
}
