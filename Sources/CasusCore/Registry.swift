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

  public init(
    identity: String, agency: String, nation: String?, key: String, roles: Set<Role>, publish: [TypePattern],
    subscribe: [TypePattern], clearance: TLP = .red
  ) {
    self.identity = identity
    self.agency = agency
    self.nation = nation
    self.key = key
    self.roles = roles
    self.publish = publish
    self.subscribe = subscribe
    self.clearance = clearance
  }

  /// Whether this plugin may have several sessions at once.
  var mayShare: Bool { roles.contains(.operator) || roles.contains(.observer) }
}

/// Which key is which plugin, and what it may do. A plain value; a reload replaces it whole.
public struct Registry: Sendable {
  public private(set) var byKey: [String: PluginEntry] = [:]
  public private(set) var byIdentity: [String: PluginEntry] = [:]

  public init() {}

  /// Nil when two entries share a key or an identity.
  public init?(_ entries: [PluginEntry]) {
    for entry in entries {
      guard byKey.updateValue(entry, forKey: entry.key) == nil else { return nil }
      guard byIdentity.updateValue(entry, forKey: entry.identity) == nil else { return nil }
    }
  }
}
