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
      clearance: TLP = .clear, groups: [String] = [], place: YAMLPlace = .start, keyPlace: YAMLPlace = .start
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
  /// Where the file names the agency and each of the prefixes.
  public var agencyPlace = YAMLPlace.start
  public var prefixPlaces: [YAMLPlace] = []

  public init(agency: String, nation: String? = nil, prefixes: [String]? = nil, plugins: [Entry] = []) {
    self.agency = agency
    self.nation = nation
    self.prefixes = prefixes
    self.plugins = plugins
  }

  /// The beginnings of types that are the agency's: what the file says, or its own name. Nobody owns the vocabulary.
  public var owned: [String] { prefixes ?? (Name.isVocabulary(agency) ? [] : [agency]) }

  /// Where the file claims one of `owned`.
  public func place(ofOwned index: Int) -> YAMLPlace {
    prefixPlaces.indices.contains(index) ? prefixPlaces[index] : agencyPlace
  }

  /// What it says, wherever in the file that stands.
  public var withoutPlaces: RegistryDocument {
    var document = self
    document.agencyPlace = .start
    document.prefixPlaces = []
    for index in document.plugins.indices {
      document.plugins[index].place = .start
      document.plugins[index].keyPlace = .start
    }
    return document
  }
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
    Field("publish", .list(.pattern), standard: "[]", "What it may publish."),
    Field(
      "subscribe", .list(.pattern), standard: "[]",
      "What it may read. A subscription is refused unless every pattern of it is covered by one of "
        + "these."),
    Field(
      "clearance", .choice(clearances), standard: TLP.clear.rawValue,
      "The strictest TLP marking that it is sent; name it, or only what is for everybody comes."),
  ]

  public static let groups = Field(
    "groups", .list(.name), standard: "[]", "Groups of its agency that it may be a member of.")

  public static let entryTable = FieldTable(
    "a plugin",
    [
      Field("name", .name, required: true, "The part of the identity after the slash: suricata-1."),
      Field(
        "key", .key, required: true,
        "Its public CURVE key, from casus keys new or casus keys show. No two entries have the same."),
    ] + rights + [groups])

  public static let agencyFields = [
    Field("nation", .nation, "For people and for cases: ISO 3166-1, as JP."),
    Field(
      "prefixes", .list(.prefix), standard: "[the agency's name]",
      "The beginnings of event types that its plugins may bring schemas for. Not casus: that is the "
        + "vocabulary's. No two agencies have the same."),
  ]

  public static let table = FieldTable(
    "a registry file",
    [Field("agency", .name, required: true, "The agency whose plugins these are; their identities begin with it.")]
      + agencyFields
      + [Field("plugins", .list(.table(entryTable)), standard: "[]", "Its plugins and people.")])

  /// - Parameter file: as messages show it.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> RegistryDocument {
    try ConfigurationReader.read(bytes, file: file, as: table) { top -> RegistryDocument? in
      // Without an agency the rest is read all the same, for what is wrong with it.
      let agency = top.text("agency")
      var document = RegistryDocument(agency: agency ?? "")
      document.agencyPlace = top["agency"]?.place ?? top.node.place
      document.nation = top.text("nation")
      if top["prefixes"] != nil {
        let prefixes = top.items("prefixes")
        document.prefixes = prefixes.map(\.text)
        document.prefixPlaces = prefixes.map(\.node.place)
      }
      var lines = Lines()
      for members in top.list("plugins") {
        if let entry = entry(members, of: document.agency, &lines) { document.plugins.append(entry) }
      }
      return agency == nil ? nil : document
    }
  }

  /// Where a file gave each name and each key first.
  private struct Lines {
    var names: [String: Int] = [:]
    var keys: [String: Int] = [:]
  }

  private static func entry(_ members: Members, of agency: String, _ lines: inout Lines) -> Entry? {
    let (text, key, place) = (members.text("name"), members.text("key"), members.node.place)
    let keyPlace = members["key"]?.place ?? place
    let (publish, subscribe) = (members.texts("publish"), members.texts("subscribe"))
    let (roles, groups) = (members.texts("roles"), members.texts("groups"))
    let clearance: TLP = members.choice("clearance") ?? .clear
    if let text, let line = lines.names.updateValue(place.line, forKey: text) {
      members.report("name", "\(text) is registered already, at line \(line)")
    }
    if let key, let line = lines.keys.updateValue(keyPlace.line, forKey: key) {
      members.report("key", "this key is another's already, at line \(line)")
    }
    guard let text, let key, let name = PluginName("\(agency)/\(text)") else { return nil }
    return Entry(
      name: name, key: key, roles: roles, publish: publish.compactMap(TypePattern.init),
      subscribe: subscribe.compactMap(TypePattern.init), clearance: clearance, groups: groups, place: place,
      keyPlace: keyPlace)
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
  var text: YAMLText {
    var members: [(name: String, value: YAMLText)] = [
      ("name", .text(name.plugin)), ("key", .text(key)), ("roles", .texts(roles)),
      ("publish", .texts(publish.map(\.text))), ("subscribe", .texts(subscribe.map(\.text))),
    ]
    if clearance != .clear { members.append(("clearance", .text(clearance.rawValue))) }
    if !groups.isEmpty { members.append(("groups", .texts(groups))) }
    return .mapping(members)
  }
}
