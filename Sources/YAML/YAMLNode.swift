/// A value of a YAML text, with its place. What a scalar means is for whoever reads it to say: the text `no` is a word here.
///
/// A plain value; an alias's value shares the memory of what it stands for, and has its place.
public struct YAMLNode: Hashable, Sendable {
  public enum Content: Hashable, Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In the order of the text; no two have the same name.
    case mapping([YAMLMember])
  }

  public var content: Content
  /// `!file`; `tag:yaml.org,2002:str` for `!!str`; nil when none is written.
  public var tag: String?
  public var place: YAMLPlace

  public init(_ content: Content, tag: String? = nil, at place: YAMLPlace) {
    self.content = content
    self.tag = tag
    self.place = place
  }

  public var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }

  public var sequence: [YAMLNode]? {
    if case .sequence(let elements) = content { elements } else { nil }
  }

  public var mapping: [YAMLMember]? {
    if case .mapping(let members) = content { members } else { nil }
  }

  /// A scalar's text, quoted or not.
  public var string: String? { scalar?.text }

  /// A plain scalar of decimal digits, with a sign or without.
  public var int: Int? {
    guard let scalar, scalar.isPlain else { return nil }
    return Int(scalar.text)
  }

  /// A mapping's member of that name, compared as bytes. Linear.
  public subscript(name: String) -> YAMLNode? {
    mapping?.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }
}

/// A key of a mapping and its value.
public struct YAMLMember: Hashable, Sendable {
  public var name: String
  /// The key itself, a scalar, for its place.
  public var key: YAMLNode
  public var value: YAMLNode

  public init(name: String, key: YAMLNode, value: YAMLNode) {
    self.name = name
    self.key = key
    self.value = value
  }
}

/// A value that is neither list nor mapping.
public struct YAMLScalar: Hashable, Sendable {
  public enum Style: Hashable, Sendable {
    case plain
    /// `'…'`.
    case singleQuoted
    /// `"…"`.
    case doubleQuoted
    /// `|`.
    case literal
    /// `>`.
    case folded
  }

  /// Without quotes, escapes replaced, lines folded.
  public var text: String
  public var style: Style

  public init(text: String, style: Style) {
    self.text = text
    self.style = style
  }

  public var isPlain: Bool { style == .plain }

  /// Nothing, `~` or `null`, and not in quotes.
  public var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}
