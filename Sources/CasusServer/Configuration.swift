internal import CasusConfiguration
public import CasusCore
public import CasusJournal
internal import CasusNames
internal import CasusWire
internal import MCAP
internal import SystemFiles
internal import ZeroMQ

/// What `casusd --config FILE` reads. Paths in the file are relative to its folder.
public struct Configuration: Sendable {
  public var options = BrokerOptions()
  /// ZeroMQ endpoints, `tcp://127.0.0.1:5577`; port 0 lets the system choose.
  public var listen: [String] = []
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
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try Files.read(path) } catch { throw ServerError(.noInput, error.description) }
    let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    do throws(ConfigurationError) {
      return try ConfigurationReader.read(bytes, file: path, as: ConfigurationFields.table) { read($0, folder) }
    } catch {
      throw ServerError(.configuration, error.description)
    }
  }

  private static func read(_ top: Members, _ folder: String) -> Configuration {
    func path(_ name: String) -> String? {
      top.text(name).map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
    }
    var configuration = Configuration()
    let standard = configuration.options
    configuration.options.name = top.text("name") ?? standard.name
    configuration.options.identity = top.text("identity") ?? standard.identity
    configuration.listen = top.texts("listen")
    if top.isEmptyList("listen") { top.report("listen", "listen names no endpoint") }
    configuration.key = path("key") ?? ""
    configuration.registry = path("registry") ?? ""
    configuration.journal = path("journal") ?? ""
    configuration.schemas = path("schemas")
    configuration.ready = path("ready")
    configuration.options.exercise = top.flag("exercise") ?? false
    configuration.options.heartbeat = top.integer("heartbeat_ms") ?? standard.heartbeat
    configuration.options.dedupEvents = top.integer("dedup_events") ?? standard.dedupEvents
    configuration.segmentBytes = top.integer("segment_bytes").map(UInt64.init) ?? configuration.segmentBytes
    configuration.compression = top.text("compression") ?? configuration.compression
    configuration.start = top.choice("start") ?? configuration.start
    configuration.sync = top.choice("sync") ?? configuration.sync
    configuration.options.durability = configuration.sync.rawValue
    configuration.retention = top.members("retention").flatMap(read(retention:))
    if top.flag("unsafe_plain") ?? false {
      configuration.mechanism = .plain
      for (text, node) in top.items("listen") where !((try? Endpoint(text, for: .bind))?.isLocal ?? true) {
        top.reader.report(node, "unsafe_plain goes with ipc:// and loopback only, not with \(text)")
      }
    }
    let limits = LimitFields.read(top) ?? [:]
    for limit in Limit.settings {
      if let value = limits[limit.name] { configuration.options.limits[limit] = value }
    }
    return configuration
  }

  private static func read(retention members: Members) -> RetentionPolicy? {
    var policy = RetentionPolicy()
    policy.maxBytes = members.integer("max_bytes").map(UInt64.init)
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
