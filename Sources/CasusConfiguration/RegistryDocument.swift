public import CasusEvents
public import CasusNames
public import CasusWire
public import YAML

/// One agency's file of the registry: who its plugins and people are, and what each may do. A plain value, read and written
/// here alone.
public struct RegistryDocument: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var name: PluginName
    /// The public key in Z85.
    public var key: String
    public var roles: [String]
    public var publish: [TypePattern]
    public var subscribe: [TypePattern]
    /// The strictest marking that it may receive.
    public var clearance: TLP
    public var groups: [String]
    /// Where the file names it, and its key.
    public var place: YAMLPlace
    public var keyPlace: YAMLPlace

    public init(
      name: PluginName, key: String, roles: [String] = [], publish: [TypePattern] = [], subscribe: [TypePattern] = [],
      clearance: TLP = .red, groups: [String] = [], place: YAMLPlace = YAMLPlace(line: 1, column: 1),
      keyPlace: YAMLPlace = YAMLPlace(line: 1, column: 1)
    ) {
      self.name = name
      self.key = key
      self.roles = roles
      self.publish = publish
      self.subscribe = subscribe
      self.clearance = clearance
      self.groups = groups
      self.place = place
      self.keyPlace = keyPlace
    }
  }

  public var agency: String
  /// ISO 3166-1 alpha-2, or absent.
  public var nation: String?
  /// The beginnings of types that it defines; nil for its own name.
  public var prefixes: [String]?
  public var plugins: [Entry]

  public init(agency: String, nation: String? = nil, prefixes: [String]? = nil, plugins: [Entry] = []) {
    self.agency = agency
    self.nation = nation
    self.prefixes = prefixes
    self.plugins = plugins
  }

  /// The beginnings of types that are the agency's: what the file says, or its own name. Nobody owns the vocabulary.
  public var owned: [String] { prefixes ?? (Name.isVocabulary(agency) ? [] : [agency]) }
}

extension RegistryDocument {
  public static let roles: [(word: String, meaning: String)] = [
    ("exercise", "may publish events marked as an exercise"),
    ("observer", "reads for people; may have several sessions at once"),
    ("operator", "may look at and change the broker's state; may have several sessions at once"),
    ("recorder", "may write down that a case of others is decided"),
    ("replay", "may publish events of others' sources, from a capture, where the broker was started for it"),
    ("revise", "may supersede, withdraw and revise what others of its agency have published"),
  ]

  static let clearances: [(word: String, meaning: String)] = TLP.allCases.map { ($0.rawValue, "") }

  /// What a plugin or a person may do; a topology has the same members.
  public static let rights = [
    Field("roles", .list(.choice(roles.map { ($0.word, "") })), standard: "[]", "What it may do beyond its types."),
    Field("publish", .list(.pattern), standard: "[]", "The types that it may publish."),
    Field("subscribe", .list(.pattern), standard: "[]", "The types that it may receive."),
    Field(
      "clearance", .choice(clearances), standard: TLP.red.rawValue,
      "The strictest marking of an event that it may receive."),
  ]

  public static let groups = Field(
    "groups", .list(.name), standard: "[]", "The groups of its agency that it may share a subscription with.")

  public static let entryTable = FieldTable(
    "a plugin",
    [
      Field("name", .name, required: true, "Its name within the agency."),
      Field("key", .key, required: true, "Its public key, as casus keys show prints it."),
    ] + rights + [groups])

  public static let agencyFields = [
    Field("nation", .nation, "Its nation; told to subscribers with each event."),
    Field(
      "prefixes", .list(.prefix), standard: "[the agency's name]",
      "The beginnings of the event types that it defines, in whole words."),
  ]

  public static let table = FieldTable(
    "a registry file",
    [Field("agency", .name, required: true, "The agency whose plugins these are.")] + agencyFields
      + [Field("plugins", .list(.table(entryTable)), standard: "[]", "Its plugins and people.")])

  /// - Parameter file: as messages show it.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> RegistryDocument {
    try ConfigurationReader.read(bytes, file: file, as: table) { top -> RegistryDocument? in
      guard let agency = top.text("agency") else { return nil }
      var document = RegistryDocument(agency: agency)
      document.nation = top.text("nation")
      if top["prefixes"] != nil { document.prefixes = top.texts("prefixes") }
      document.plugins = top.list("plugins").compactMap { entry($0, of: agency) }
      return document
    }
  }

  private static func entry(_ members: Members, of agency: String) -> Entry? {
    guard let text = members.text("name"), let name = PluginName("\(agency)/\(text)"), let key = members.text("key")
    else {
      return nil
    }
    return Entry(
      name: name, key: key, roles: members.texts("roles"),
      publish: members.texts("publish").compactMap(TypePattern.init),
      subscribe: members.texts("subscribe").compactMap(TypePattern.init),
      clearance: members.choice("clearance") ?? .red, groups: members.texts("groups"), place: members.node.place,
      keyPlace: members["key"]?.place ?? members.node.place)
  }

  /// The file's text.
  public func text(comment: String) -> String {
    var members: [(name: String, value: YAMLText)] = [("agency", .text(agency))]
    if let nation { members.append(("nation", .text(nation))) }
    if let prefixes { members.append(("prefixes", .texts(prefixes))) }
    members.append(("plugins", .list(plugins.map(\.text))))
    return YAMLText.mapping(members).file(comment: comment)
  }
}

extension RegistryDocument.Entry {
  fileprivate var text: YAMLText {
    var members: [(name: String, value: YAMLText)] = [
      ("name", .text(name.plugin)), ("key", .text(key)), ("roles", .texts(roles)),
      ("publish", .texts(publish.map(\.text))), ("subscribe", .texts(subscribe.map(\.text))),
    ]
    if clearance != .red { members.append(("clearance", .text(clearance.rawValue))) }
    if !groups.isEmpty { members.append(("groups", .texts(groups))) }
    return .mapping(members)
  }
}
