public import CasusEvents
public import CasusPlugin
import FoundationEssentials
import Glibc
import Synchronization
import ZeroMQ

/// A real broker for a test: a process of `casusd` on a free port of this machine, in a temporary folder, with keys for
/// the identities that the test names.
///
///     let broker = try await TestBroker.start([.init("jp.nisc/thermometer-1", publish: ["casus.detection.v1"])])
///     let bus = try await Bus.connect(broker.connection("jp.nisc/thermometer-1", Thermometer.manifest))
///
/// `casusd` is taken from the variable `CASUSD`, from beside the test, or from `PATH`; its version must be this package's.
/// `stop`, or the last reference, ends the process and removes the folder; when the test's own process dies, the broker
/// goes with it. Thread-safe.
public final class TestBroker: Sendable {
  /// Who may connect, and what he may do; as in the registry.
  public struct Identity: Sendable {
    /// `AGENCY/PLUGIN`
    public var name: String
    /// Type patterns.
    public var publish: [String]
    public var subscribe: [String]
    /// `exercise`, `replay`, `operator`.
    public var roles: [String]
    public var clearance: TLP
    public var groups: [String]

    public init(
      _ name: String, publish: [String] = [], subscribe: [String] = [], roles: [String] = [], clearance: TLP = .red,
      groups: [String] = []
    ) {
      self.name = name
      self.publish = publish
      self.subscribe = subscribe
      self.roles = roles
      self.clearance = clearance
      self.groups = groups
    }
  }

  /// The broker's folder: its configuration, `registry`, `keys`, `journal`.
  public let folder: String
  package let files: TestBrokerFiles
  private let environment: [String: String]
  private let running: Mutex<(process: TestProcess, endpoint: String)>

  /// Starts a broker and returns when it is ready.
  ///
  /// - Parameters:
  ///   - settings: further lines of `casusd.yaml`.
  ///   - casusd: the program, where none of the usual places is meant.
  ///
  /// Throws `TestKitError.noBroker` when there is no program, or when it ends by itself; what it printed is in the text.
  public static func start(
    _ identities: [Identity], settings: String = "", casusd: String? = nil
  ) async throws -> TestBroker {
    let broker = try TestBroker(identities, settings: settings, environment: { _ in [:] }, casusd: casusd)
    try await waiting(for: "casusd to be ready", atMost: .seconds(120)) { try broker.look() ? () : nil }
    return broker
  }

  /// Starts a broker without waiting for it.
  package init(
    _ identities: [Identity], settings: String, environment: (_ folder: String) -> [String: String],
    casusd: String? = nil
  ) throws {
    folder = "\(FileManager.default.temporaryDirectory.path)/casus-test-\(UUID().uuidString)"
    files = try TestBrokerFiles(folder: folder, casusd: casusd ?? Programs.path(of: "casusd"))
    self.environment = environment(folder)
    do {
      try files.write(identities + [Self.observer], settings: settings)
      try files.makeJournal()
      running = Mutex((try files.spawn(self.environment, printing: nil), ""))
    } catch {
      files.remove()
      throw error
    }
  }

  deinit { stop() }

  /// Whether it is ready. Throws when it has ended.
  package func look() throws -> Bool {
    let process = process
    if let endpoint = files.readyEndpoint(of: process.pid) {
      running.withLock { $0.endpoint = endpoint }
      return true
    }
    if let exit = process.exit {
      throw TestKitError(.noBroker, "casusd ended with \(exit.code ?? -1): \(process.printed)")
    }
    return false
  }

  package var process: TestProcess { running.withLock { $0.process } }

  /// Another process on the same folder; the one before has to be gone.
  package func spawnAgain(printing: Int32? = nil) throws {
    let process = try files.spawn(environment, printing: printing)
    running.withLock { $0.process = process }
  }

  /// Where it listens: `tcp://127.0.0.1:PORT`.
  public var endpoint: String { running.withLock { $0.endpoint } }

  /// What it has logged so far.
  public var log: String { process.printed }

  /// A connection as one of the identities. Throws `unknownIdentity` for another.
  ///
  /// - Parameter patience: how long the plugin tries before it gives up; nil: for ever.
  public func connection(
    _ identity: String, _ manifest: Manifest, patience: Duration? = .seconds(60)
  ) throws -> Connection {
    let keys = try files.keys(of: identity)
    return Connection(
      endpoint: endpoint, brokerKey: files.brokerKey, keys: keys, identity: identity, manifest: manifest,
      patience: patience)
  }

  /// Who reads for `events`.
  private static let observer = Identity("casus-test/observer", subscribe: [">"], roles: ["observer"])

  /// Waits until the journal holds this many events of these types (without the bus's own, unless they are asked for), and
  /// returns all that it holds, in order.
  public func events(
    _ count: Int, types: [String] = [">"], within bound: Duration = .seconds(60)
  ) async throws -> [RecordedEvent] {
    let manifest = Manifest(
      program: "test", version: "1.0.0", summary: "A test that looks.", publishes: [], subscribes: types)
    let bus = try await Bus.connect(connection(Self.observer.name, manifest))
    let wantsBus = types.contains { $0.hasPrefix("casus.bus.") }
    let deadline = ContinuousClock.now + bound
    do {
      while true {
        var found: [RecordedEvent] = []
        let stream = try await bus.subscribe(Subscription(types: types, from: .earliest, until: .last))
        while let event = try await stream.next() {
          if wantsBus || !event.envelope.type.rawValue.hasPrefix("casus.bus.") { found.append(event) }
        }
        if found.count >= count {
          await bus.close()
          return found
        }
        guard ContinuousClock.now < deadline else {
          throw TestKitError(.timeout, "waited \(bound) for \(count) events; there are \(found.count)")
        }
        try await Task.sleep(for: .milliseconds(10))
      }
    } catch {
      await bus.close()
      throw error
    }
  }

  /// What a plugin's process finds in its environment when `casus up` starts it: for plugins in any language.
  ///
  /// - Parameter settings: its settings, as JSON text.
  public func environment(of identity: String, settings: String? = nil) throws -> [String: String] {
    var variables = [
      "CASUS_BROKER": endpoint, "CASUS_BROKER_KEY": files.brokerKey.z85,
      "CASUS_KEY_FILE": try files.keyFile(of: identity),
      "CASUS_IDENTITY": identity, "CASUS_STATE": try files.stateFolder(of: identity),
    ]
    if let settings { variables["CASUS_SETTINGS"] = try files.writeSettings(settings, of: identity) }
    return variables
  }

  /// Ends the broker as SIGTERM does, waits for its end, and removes its folder. A second call does nothing.
  public func stop() {
    let process = process
    if process.exit == nil {
      process.kill(signal: SIGTERM)
      _ = process.wait()
    }
    files.remove()
  }

  /// `kill -9`, and a new process on the same folder, which this waits for: what was acknowledged is still there.
  public func crashAndRestart() async throws {
    let process = process
    process.kill(signal: SIGKILL)
    _ = process.wait()
    try spawnAgain()
    try await waiting(for: "casusd to be ready again", atMost: .seconds(120)) { try look() ? () : nil }
  }
}
