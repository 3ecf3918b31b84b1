public import CasusCore
public import CasusJournal
internal import CasusNames
internal import CasusWire
internal import MCAP

/// What `casusd --config FILE` reads. Paths in the file are relative to its folder.
public struct Configuration: Sendable {
  public var options = BrokerOptions()
  /// ZeroMQ endpoints, `tcp://127.0.0.1:5577`; port 0 lets the system choose.
  public var listen: [String] = []
  /// The broker's own CURVE key file.
  public var key = ""
  /// A folder with one YAML file an agency.
  public var registry = ""
  /// The journal's folder.
  public var journal = ""
  /// A folder of further schemas, `<type>.schema.json`.
  public var schemas: String?
  /// Where to say that the broker listens; nil for nowhere.
  public var ready: String?
  public var segmentBytes: UInt64 = 64 << 20
  public var compression: String = "lz4"
  /// Nil: everything is kept.
  public var retention: RetentionPolicy?

  /// What an acknowledgement waits for.
  public var sync = JournalOptions.Sync.disk
  /// How peers prove who they are.
  public var mechanism = Mechanism.curve

  public enum Mechanism: String, Sendable {
    case curve
    /// No proof and no encryption: the client names a registered key. For measurements, on loopback and `ipc://` alone.
    case plain
  }

  private static let keys = [
    "name", "identity", "listen", "key", "registry", "journal", "schemas", "ready", "limits", "exercise",
    "heartbeat_ms", "dedup_events", "segment_bytes", "compression", "retention", "sync", "unsafe_plain",
  ]
  /// The members of `limits`.
  public static let limits = Limit.names

  /// Errors name the file, the line and what is expected there.
  public static func read(_ path: String) throws(ServerError) -> Configuration {
    let file = try YAMLFile(path)
    let members = try file.root.members(keys)
    let folder = path.utf8.contains(UInt8(ascii: "/")) ? String(path[..<path.lastIndex(of: "/")!]) : "."
    func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
    func required(_ name: String) throws(ServerError) -> YAMLValue {
      guard let value = members[name] else { throw file.root.wrong("the setting '\(name)' is missing") }
      return value
    }

    var configuration = Configuration()
    if let name = members["name"] { configuration.options.name = try name.string() }
    if let identity = members["identity"] { configuration.options.identity = try identity.identity() }
    configuration.listen = try required("listen").elements().map { (value) throws(ServerError) in
      let endpoint = try value.string()
      guard endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://") else {
        throw value.wrong("an endpoint begins with tcp:// or ipc://, not '\(endpoint)'")
      }
      return endpoint
    }
    guard !configuration.listen.isEmpty else { throw try required("listen").wrong("no endpoint at all") }
    // May come by --key instead, from a service manager's credentials.
    configuration.key = try members["key"].map { (value) throws(ServerError) in resolve(try value.string()) } ?? ""
    configuration.registry = resolve(try required("registry").string())
    configuration.journal = resolve(try required("journal").string())
    configuration.schemas = try members["schemas"]?.string()
    configuration.schemas = configuration.schemas.map(resolve)
    configuration.ready = try members["ready"]?.string()
    configuration.ready = configuration.ready.map(resolve)
    if let exercise = members["exercise"] { configuration.options.exercise = try exercise.flag() }
    if let heartbeat = members["heartbeat_ms"] {
      configuration.options.heartbeat = try heartbeat.integer(in: 100...600_000)
    }
    if let dedup = members["dedup_events"] {
      configuration.options.dedupEvents = try dedup.integer(in: 1_000...100_000_000)
    }
    if let segment = members["segment_bytes"] {
      configuration.segmentBytes = UInt64(try segment.integer(in: 65_536...(1 << 40)))
    }
    if let compression = members["compression"] {
      configuration.compression = try compression.string()
      guard ["lz4", "none"].contains(configuration.compression) else { throw compression.wrong("lz4 or none") }
    }
    if let retention = members["retention"] { configuration.retention = try read(retention: retention) }
    if let sync = members["sync"] {
      guard let mode = JournalOptions.Sync(rawValue: try sync.string()), mode != .none else {
        throw sync.wrong("disk (an acknowledgement survives a power cut) or os (only the broker's own end)")
      }
      configuration.sync = mode
      configuration.options.durability = mode.rawValue
    }
    if let plain = members["unsafe_plain"], try plain.flag() {
      configuration.mechanism = .plain
      guard configuration.listen.allSatisfy(Self.isLocal) else {
        throw plain.wrong("unsafe_plain goes with ipc:// and tcp://127.0.0.1 only")
      }
    }
    if let limits = members["limits"] { try configuration.read(limits: limits.members(Self.limits)) }
    return configuration
  }

  private static func read(retention: YAMLValue) throws(ServerError) -> RetentionPolicy {
    let members = try retention.members(["max_bytes", "max_age_s", "needed", "grace_s"])
    var policy = RetentionPolicy()
    policy.maxBytes = try members["max_bytes"].map { (value) throws(ServerError) in
      UInt64(try value.integer(in: 65_536...(1 << 50)))
    }
    policy.maxAge = try members["max_age_s"].map { (value) throws(ServerError) in try value.integer(in: 1...(1 << 40)) }
    guard policy.maxBytes != nil || policy.maxAge != nil else {
      throw retention.wrong("retention needs max_bytes or max_age_s, or both")
    }
    if let needed = members["needed"] {
      switch try needed.string() {
      case "keep": policy.cutsNeeded = false
      case "cut": policy.cutsNeeded = true
      default: throw needed.wrong("keep or cut")
      }
    }
    if let grace = members["grace_s"] { policy.grace = try grace.integer(in: 0...(1 << 30)) }
    return policy
  }

  private mutating func read(limits: [String: YAMLValue]) throws(ServerError) {
    for limit in Limit.settings {
      if let value = limits[limit.name] { options.limits[limit] = try value.integer(in: limit.range) }
    }
    // One of the two was set: with the standard limits every relation holds.
    if let broken = options.limits.broken.first, let value = limits[broken.greater.name] ?? limits[broken.least.name] {
      throw value.wrong(broken.description)
    }
  }

  private static func isLocal(_ endpoint: String) -> Bool {
    endpoint.hasPrefix("ipc://") || endpoint.hasPrefix("tcp://127.0.0.1:") || endpoint.hasPrefix("tcp://[::1]:")
  }

  var journalOptions: JournalOptions {
    var options = JournalOptions()
    options.sync = sync
    options.segmentBytes = segmentBytes
    options.compression = compression == "none" ? .none : .lz4
    options.broker = self.options.name
    // A commit holds at most what may be staged, and the bus's own events beside it.
    options.maxBatchBytes = min(1 << 30, self.options.limits.stagedBytes * 2 + (16 << 20))
    return options
  }
}

extension YAMLValue {
  /// `AGENCY/PLUGIN`.
  func identity() throws(ServerError) -> String {
    let text = try string()
    guard PluginName(text) != nil else {
      throw wrong("an identity is AGENCY/PLUGIN in \(Name.alphabet), not '\(text)'")
    }
    return text
  }
}
