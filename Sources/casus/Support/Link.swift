import ArgumentParser
import CasusConfiguration
import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import Logging
import ZeroMQ

/// How a command reaches the broker: in a home that `casus up` made, or by its address, as a plugin does.
///
/// What counts first: the options `--broker`, `--home`, `--context`; then the variables `CASUS_BROKER`, `CASUS_HOME`,
/// `CASUS_CONTEXT`; then the context that a person chose; then `./casus-home`. The further options and the variables of a
/// plugin's environment say the same; an option counts more than its variable, and what a context says more than a variable.
struct LinkOptions: ParsableArguments {
  @OptionGroup var home: HomeOption

  init() {}

  /// As the operator of a home that is known already.
  init(home: Home) {
    self.home = HomeOption()
    self.home.home = home.path
    actor = nil
    broker = nil
    brokerKey = nil
    keyFile = nil
    context = nil
  }

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Act as this plugin or person, with their key, instead of as the home's operator; CASUS_IDENTITY with --broker. A plugin that runs is ended by it.",
      valueName: "agency/plugin"))
  var actor: String?

  @Option(
    help: ArgumentHelp(
      "Reach a broker that this home did not start, as tcp://192.0.2.1:5577; or CASUS_BROKER.", valueName: "endpoint"))
  var broker: String?

  // One key in 85 begins with a dash.
  @Option(
    parsing: .unconditional, help: ArgumentHelp("That broker's public key; or CASUS_BROKER_KEY.", valueName: "key"))
  var brokerKey: String?

  @Option(help: ArgumentHelp("The key to connect with; or CASUS_KEY_FILE with --broker.", valueName: "file"))
  var keyFile: String?

  @Option(
    help: ArgumentHelp("Reach the broker that this context names (casus context); or CASUS_CONTEXT.", valueName: "name")
  )
  var context: String?

  func validate() throws {
    if context != nil, broker != nil || brokerKey != nil || home.home != nil {
      throw ValidationError("--context says where the broker is; leave out --broker, --broker-key and --home")
    }
    if let actor, PluginName(actor) == nil {
      throw ValidationError("--as takes agency/plugin, as jp.nisc/suricata-1, not \(actor)")
    }
    try Self.check(broker: broker, key: brokerKey)
    if brokerKey != nil, broker == nil, home.home != nil || !Self.isSet("CASUS_BROKER") {
      throw ValidationError("--broker-key goes with --broker")
    }
  }

  static func check(broker: String?, key: String?) throws {
    if let broker {
      do throws(ZeroMQ.Endpoint.Fault) { _ = try ZeroMQ.Endpoint(broker, for: .connect) } catch {
        throw ValidationError("--broker takes an endpoint, tcp://HOST:PORT or ipc:///PATH; '\(broker)' \(error)")
      }
    }
    if let key, CurvePublicKey(z85: key) == nil {
      throw ValidationError("--broker-key takes a public key, 40 characters of Z85, not \(key)")
    }
  }

  /// A variable without a value is as good as none.
  private static func isSet(_ name: String) -> Bool {
    Connection.environmentVariable(name).map { !$0.isEmpty } ?? false
  }

  private enum Way {
    case home, address
    case context(ContextsFile.Context)
  }

  private func way() throws -> Way {
    if broker != nil { return .address }
    if home.home != nil { return .home }
    if let context { return .context(try Contexts.named(context)) }
    if Self.isSet("CASUS_BROKER") { return .address }
    if Self.isSet("CASUS_HOME") { return .home }
    if let name = Connection.environmentVariable("CASUS_CONTEXT"), !name.isEmpty {
      return .context(try Contexts.named(name))
    }
    let contexts = try Contexts.read()
    return contexts.current.flatMap { contexts[$0] }.map(Way.context) ?? .home
  }

  /// The plugin's environment, with what the options say in its place, and the context.
  private func variable(_ name: String, _ context: ContextsFile.Context?) -> String? {
    let given: String? =
      switch name {
      case "CASUS_BROKER": broker ?? context?.broker
      case "CASUS_BROKER_KEY": brokerKey ?? context?.brokerKey
      case "CASUS_KEY_FILE": keyFile ?? context?.keyFile
      case "CASUS_IDENTITY": actor ?? context?.identity.description
      case "CASUS_OUTBOX": "memory"
      default: nil
      }
    return (given ?? Connection.environmentVariable(name)).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Connects, or fails with what to do about it. Waits five seconds for an answer, with `--broker` as long as
  /// `CASUS_CONNECT_TIMEOUT` says where that is set.
  /// - Parameter waits: once connected, for ever, whenever the broker is gone.
  func connect(_ command: String, waits: Bool = false) async throws -> Bus {
    let manifest = Manifest(
      program: "casus \(command)", version: Casus.version, summary: "A person at a command line.",
      publishes: [], subscribes: [])
    var connection =
      switch try way() {
      case .home: try inHome(manifest)
      case .address: try byAddress(manifest, nil)
      case .context(let context): try byAddress(manifest, context)
      }
    connection.patience = connection.patience ?? .seconds(5)
    connection.refusalIsFinal = true
    connection.waitsOnceConnected = waits
    do {
      // A command says itself what a person needs to know.
      return try await Bus.connect(connection, logger: Logger(label: "casus") { _ in SwiftLogNoOpLogHandler() })
    } catch let error as BusError {
      throw Failure(error, endpoint: connection.endpoint)
    }
  }

  private func byAddress(_ manifest: Manifest, _ context: ContextsFile.Context?) throws -> Connection {
    func variable(_ name: String) -> String? { self.variable(name, context) }
    let needed = [
      ("CASUS_BROKER_KEY", "--broker-key"), ("CASUS_KEY_FILE", "--key-file"), ("CASUS_IDENTITY", "--as"),
    ]
    let missing = needed.filter { variable($0.0) == nil }.map { "\($0.1) (\($0.0))" }
    guard missing.isEmpty else {
      throw Failure(
        .usage, "a broker that is reached by its address needs \(missing.joined(separator: " and ")) as well")
    }
    do { return try Connection.fromEnvironment(manifest, variable) } catch { throw Failure(error, endpoint: nil) }
  }

  private func inHome(_ manifest: Manifest) throws -> Connection {
    let home = home.folder
    let run: RunFile
    do {
      run = try RunFile.read(home)
      try home.guardFolder()
    } catch {
      guard error.code == .noInput else { throw Failure(error) }
      throw Failure(
        .unreachable,
        "no broker runs in \(home.path); start one with: casus up --home \(home.path), or name one with --broker or --context"
      )
    }
    let identity = actor.flatMap(PluginName.init) ?? Home.operatorName
    let keys: CurveKeyPair
    do {
      keys = try KeyFile.read(keyFile ?? home.key(of: identity)).keys
    } catch {
      throw Failure(reading: error)
    }
    guard let brokerKey = CurvePublicKey(z85: run.broker.key) else {
      throw Failure(.configuration, "\(home.run) has no public key of a broker")
    }
    return Connection(
      endpoint: run.broker.endpoint, brokerKey: brokerKey, keys: keys, identity: identity.description,
      manifest: manifest)
  }

  /// Connects, does `body` and closes, whatever happens.
  func withBus<R>(_ command: String, waits: Bool = false, _ body: (Bus) async throws -> R) async throws -> R {
    let bus = try await connect(command, waits: waits)
    do {
      let result = try await body(bus)
      await bus.close()
      return result
    } catch {
      await bus.close()
      if let error = error as? BusError { throw Failure(error, endpoint: nil) }
      throw error
    }
  }
}

extension Failure {
  init(_ error: BusError, endpoint: String?) {
    let place = endpoint.map { " at \($0)" } ?? ""
    // What the broker will not do for a command is an answer; it is no fault of the program.
    let fault = error.code == .refused && error.fault == .program ? .refusal : error.fault
    self.init(
      ExitStatus(fault), error.code == .unreachable ? "no broker answers\(place): \(error.message)" : error.message)
  }
}
