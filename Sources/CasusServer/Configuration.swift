internal import CasusConfiguration
public import CasusCore
public import CasusJournal
internal import CasusNames
internal import CasusWire
internal import MCAP
internal import SystemFiles
internal import YAML
internal import ZeroMQ

/// What `casusd --config FILE` reads. Paths in the file are relative to its folder.
public struct Configuration: Sendable {
  public var options = BrokerOptions()
  /// ZeroMQ endpoints, `tcp://127.0.0.1:5577`; port 0 lets the system choose.
  public var listen: [String] = []
  /// Where the file names each of them.
  var listenPlaces: [YAMLPlace] = []
  /// As messages show it.
  var file = ""
  /// The broker's own CURVE key file; empty when it comes by `--key`.
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

  /// How much of the journal is read before the port is opened.
  public var start = JournalOptions.Check.summaries
  /// What an acknowledgement waits for.
  public var sync = JournalOptions.Sync.disk
  /// How peers prove who they are.
  public var mechanism = Mechanism.curve

  public enum Mechanism: String, Sendable {
    case curve
    /// No proof and no encryption: the client names a registered key. For measurements, on loopback and `ipc://` alone.
    case plain
  }

  /// Throws with everything that is wrong, a line each: the file, the place and what is expected there.
  public static func read(_ path: String) throws(ServerError) -> Configuration {
    let (configuration, faults) = try look(at: path)
    guard let configuration, faults.isEmpty else { throw ServerError(ConfigurationError(faults)) }
    return configuration
  }

  /// What the file says and what is wrong with it: what it names can be looked at all the same.
  static func look(at path: String) throws(ServerError) -> (Configuration?, faults: [ConfigurationFault]) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.readPlain(path) } catch { throw ServerError(reading: error) }
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    let reader = ConfigurationReader(file: path)
    let table = ConfigurationFields.table
    let members = reader.document(bytes, table.name).flatMap { reader.members($0, of: table) }
    return (members.map { read($0, folder) }, reader.faults)
  }

  private static func read(_ top: Members, _ folder: String) -> Configuration {
    func path(_ name: String) -> String? {
      top.text(name).map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
    }
    var configuration = Configuration()
    configuration.file = top.reader.file
    let standard = configuration.options
    configuration.options.name = top.text("name") ?? standard.name
    configuration.options.identity = top.text("identity") ?? standard.identity
    let listen = top.endpoints("listen")
    configuration.listen = listen.map(\.text)
    configuration.listenPlaces = listen.map(\.node.place)
    configuration.key = path("key") ?? ""
    configuration.registry = path("registry") ?? ""
    configuration.journal = path("journal") ?? ""
    configuration.schemas = path("schemas")
    checkFolders(top, configuration)
    configuration.ready = path("ready")
    configuration.options.exercise = top.flag("exercise") ?? false
    configuration.options.acceptsReplay = top.flag("accept_replay") ?? false
    configuration.options.heartbeat = top.integer("heartbeat_ms") ?? standard.heartbeat
    configuration.options.dedupEvents = top.integer("dedup_events") ?? standard.dedupEvents
    configuration.segmentBytes = top.integer("segment_bytes").map(UInt64.init) ?? configuration.segmentBytes
    configuration.compression = top.text("compression") ?? configuration.compression
    configuration.start = top.choice("start") ?? configuration.start
    configuration.sync = top.choice("sync") ?? configuration.sync
    configuration.options.durability = configuration.sync.rawValue
    configuration.retention = top.members("retention").flatMap { read(retention: $0, configuration.segmentBytes) }
    if top.flag("unsafe_plain") ?? false {
      configuration.mechanism = .plain
      for (text, node) in listen where !((try? Endpoint(text, for: .bind))?.isLocal ?? true) {
        top.reader.report(node, "unsafe_plain goes with ipc:// and loopback only, not with \(text)")
      }
    }
    let limits = LimitFields.read(top) ?? [:]
    for limit in Limit.settings {
      if let value = limits[limit.name] { configuration.options.limits[limit] = value }
    }
    return configuration
  }

  /// Each is a folder of its own: what is in one would be taken for something else in the other.
  private static func checkFolders(_ top: Members, _ configuration: Configuration) {
    let all = [
      ("registry", configuration.registry), ("journal", configuration.journal),
      ("schemas", configuration.schemas ?? ""),
    ].filter { !$0.1.isEmpty }
    for (index, (name, path)) in all.enumerated() {
      if let other = all[..<index].first(where: { Files.isSame($0.1, path) }) {
        top.report(name, "\(name) is the same folder as \(other.0); each needs one of its own")
      }
    }
  }

  private static func read(retention members: Members, _ segmentBytes: UInt64) -> RetentionPolicy? {
    var policy = RetentionPolicy()
    policy.maxBytes = members.integer("max_bytes").map(UInt64.init)
    if let most = policy.maxBytes, most < segmentBytes {
      members.report(
        "max_bytes",
        "max_bytes must be at least segment_bytes (\(segmentBytes)): what is removed is whole segments, and never the last"
      )
    }
    policy.maxAge = members.integer("max_age_s")
    if members["max_bytes"] == nil, members["max_age_s"] == nil {
      members.report("retention needs max_bytes or max_age_s, or both")
    }
    policy.cutsNeeded = members.text("needed") == "cut"
    policy.grace = members.integer("grace_s") ?? policy.grace
    policy.heldBytes = members.integer("held_bytes").map(UInt64.init) ?? policy.heldBytes
    policy.heldAge = members.integer("held_age_s") ?? policy.heldAge
    policy.gone = members.integer("gone_s") ?? policy.gone
    return policy
  }

  var journalOptions: JournalOptions {
    var options = JournalOptions()
    options.sync = sync
    options.check = start
    options.segmentBytes = segmentBytes
    options.compression = compression == "none" ? .none : .lz4
    options.broker = self.options.name
    // A commit holds at most what may be staged, and the bus's own events beside it.
    options.maxBatchBytes = self.options.limits.stagedBytes * 2 + (16 << 20)
    return options
  }
}
