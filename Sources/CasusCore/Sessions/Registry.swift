public import CasusEvents
public import CasusWire

/// What a plugin may do beyond its types.
public enum Role: String, CaseIterable, Sendable {
  /// May publish events of others' sources, from a capture.
  case replay
  /// May look at and change the broker's state; may have several sessions at once.
  case `operator`
  /// May publish events marked as an exercise.
  case exercise
  /// Reads for people; may have several sessions at once.
  case observer
  /// May supersede, withdraw and revise what others of its agency have published.
  case revise
  /// May write down that a case of others is decided.
  case recorder

  /// Those that let others' cases or incidents be revised.
  static let revisers: Set<Role> = [.revise, .recorder]
}

/// What the registry says of one plugin.
public struct PluginEntry: Hashable, Sendable {
  /// `jp.nisc/suricata-1`.
  public var identity: String
  public var agency: String
  public var nation: String?
  /// The public key in Z85: 40 characters.
  public var key: String
  public var roles: Set<Role>
  public var publish: [TypePattern]
  public var subscribe: [TypePattern]
  /// The strictest marking that it may read.
  public var clearance: TLP
  /// Beginnings of types, in whole words, that its agency defines: `jp.nisc` for `jp.nisc.probe.v1`.
  public var prefixes: [String]
  /// The groups of its agency that it may be a member of.
  public var groups: Set<String>

  public init(
    identity: String, agency: String, nation: String?, key: String, roles: Set<Role>, publish: [TypePattern],
    subscribe: [TypePattern], clearance: TLP = .red, prefixes: [String]? = nil, groups: Set<String> = []
  ) {
    self.identity = identity
    self.agency = agency
    self.nation = nation
    self.key = key
    self.roles = roles
    self.publish = publish
    self.subscribe = subscribe
    self.clearance = clearance
    self.prefixes = prefixes ?? [agency]
    self.groups = groups
  }

  /// Whose a group's subscription is: `jp.nisc/~workers`.
  func identity(ofGroup group: String) -> String { "\(agency)/~\(group)" }

  /// Whether this plugin may have several sessions at once.
  var mayShare: Bool { roles.contains(.operator) || roles.contains(.observer) }
}

/// Which key is which plugin, and what it may do. A plain value; a reload replaces it whole.
public struct Registry: Sendable {
  public private(set) var byKey: [String: PluginEntry] = [:]
  public private(set) var byIdentity: [String: PluginEntry] = [:]
  /// Which agency owns a prefix of types.
  public private(set) var owners: [String: String] = [:]
  /// The groups that anybody may be a member of: `jp.nisc/~workers`.
  private(set) var groups: Set<String> = []

  public init() {}

  /// Nil when two entries share a key or an identity, or two agencies a prefix.
  public init?(_ entries: [PluginEntry]) {
    for entry in entries {
      guard byKey.updateValue(entry, forKey: entry.key) == nil else { return nil }
      guard byIdentity.updateValue(entry, forKey: entry.identity) == nil else { return nil }
      for group in entry.groups { groups.insert(entry.identity(ofGroup: group)) }
      for prefix in entry.prefixes {
        guard owners.updateValue(entry.agency, forKey: prefix) ?? entry.agency == entry.agency else { return nil }
      }
    }
  }

  /// The entry of the plugin whose source it is: `//jp.nisc/suricata-1`.
  func entry(ofSource source: UnsafeBufferPointer<UInt8>) -> PluginEntry? {
    byIdentity[String(decoding: source.dropFirst(2), as: UTF8.self)]
  }

  /// The agency that defines a type: the owner of the longest prefix of it in whole words. Nil for nobody's, as the
  /// vocabulary of `casus`, which comes with the program.
  public func owner(of type: String) -> String? {
    var prefix = type[...]
    while let dot = prefix.utf8.lastIndex(of: UInt8(ascii: ".")) {
      prefix = prefix[..<dot]
      if let owner = owners[String(prefix)] { return owner }
    }
    return nil
  }
}
