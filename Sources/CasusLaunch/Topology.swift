public import CasusEvents
public import CasusNames
public import CasusWire
public import YAML

/// What `casus up` starts: one broker, the agencies it knows and a process for each plugin. A plain value, read from
/// YAML by `TopologyReader`.
public struct Topology: Hashable, Sendable {
  public struct Broker: Hashable, Sendable {
    public var name: String
    /// Endpoints as ZeroMQ writes them. Port 0 lets the system choose; the choice is kept for restarts.
    public var listen: [String]
    /// Limits of `casusd`'s configuration by their names there.
    public var limits: [String: Int]
    /// The bus's own events are part of an exercise.
    public var exercise: Bool
    /// It takes events of captures.
    public var acceptsReplay = false
    public var run: [String]
    public var restart: RestartPolicy
    /// Nanoseconds between SIGTERM and SIGKILL.
    public var stopTimeout: Int64

    public init(
      name: String = "casus", listen: [String] = ["tcp://127.0.0.1:0"], limits: [String: Int] = [:],
      exercise: Bool = false, run: [String] = ["casusd"], restart: RestartPolicy = .init(),
      stopTimeout: Int64 = 10_000_000_000
    ) {
      self.name = name
      self.listen = listen
      self.limits = limits
      self.exercise = exercise
      self.run = run
      self.restart = restart
      self.stopTimeout = stopTimeout
    }
  }

  public struct Agency: Hashable, Sendable {
    public var name: String
    /// ISO 3166-1 alpha-2, or absent.
    public var nation: String?
    /// The beginnings of types that it defines; nil for its own name.
    public var prefixes: [String]?
  }

  /// What a plugin or a person may do on the bus.
  public struct Rights: Hashable, Sendable {
    public var publish: [TypePattern] = []
    public var subscribe: [TypePattern] = []
    public var roles: [String] = []
    /// The strictest TLP marking that it may receive; the lowest where none is named.
    public var clearance = TLP.clear
    /// Groups of its agency that it may be a member of.
    public var groups: [String] = []
  }

  public struct Plugin: Hashable, Sendable {
    /// `jp.nisc/suricata-1`.
    public var name: PluginName
    /// The program and its arguments; a program with a slash is relative to the topology's folder.
    public var run: [String]
    /// The place of `run` in the topology, for what is only found out later: that the program isn't there.
    public var runPlace: YAMLPlace
    /// A file that becomes its standard input.
    public var input: String?
    public var environment: [String: String] = [:]
    /// `settings:` as JSON text, for the file that CASUS_SETTINGS names.
    public var settings: String?
    public var rights: Rights
    public var restart = RestartPolicy()
    /// Nanoseconds between SIGTERM and SIGKILL.
    public var stopTimeout = Self.usualStopTimeout

    static let usualStopTimeout: Int64 = 5_000_000_000
  }

  /// Someone who uses the bus by hand: a key and rights, no process.
  public struct Person: Hashable, Sendable {
    /// `us.state/exercise-desk`, for `casus … --as`.
    public var name: PluginName
    public var rights: Rights
  }

  public var broker: Broker
  public var agencies: [Agency]
  public var plugins: [Plugin]
  public var people: [Person] = []
  /// The absolute folder that relative paths start from and that the plugins run in.
  public var folder: String

  public init(broker: Broker = .init(), agencies: [Agency] = [], plugins: [Plugin] = [], folder: String) {
    self.broker = broker
    self.agencies = agencies
    self.plugins = plugins
    self.folder = folder
  }
}
