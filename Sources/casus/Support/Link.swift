import ArgumentParser
import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import Logging
import ZeroMQ

/// How a command reaches the broker: `--home` says where, `--as` as whom.
struct LinkOptions: ParsableArguments {
  @OptionGroup var home: HomeOption

  init() {}

  /// As the operator of a home that is known already.
  init(home: Home) {
    self.home = HomeOption()
    self.home.home = home.path
    actor = nil
  }

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Act as a plugin of the home, with its key, instead of as its operator.", valueName: "agency/plugin"))
  var actor: String?

  func validate() throws {
    if let actor, PluginName(actor) == nil {
      throw ValidationError("--as takes agency/plugin, as jp.nisc/suricata-1, not \(actor)")
    }
  }

  var identity: PluginName { actor.flatMap(PluginName.init) ?? Home.operatorName }

  /// Connects, or fails with what to do about it. Waits five seconds for an answer.
  func connect(_ command: String) async throws -> Bus {
    let home = home.folder
    let run: RunFile
    do {
      run = try RunFile.read(home)
    } catch {
      throw Failure(.unreachable, "no broker runs in \(home.path); start one with: casus up --home \(home.path)")
    }
    let keys: CurveKeyPair
    do {
      keys = try KeyFile.read(home.key(of: identity)).keys
    } catch {
      throw Failure(.notPermitted, "\(error)")
    }
    guard let brokerKey = CurvePublicKey(z85: run.broker.key) else {
      throw Failure(.configuration, "\(home.run) has no public key of a broker")
    }
    let manifest = Manifest(
      program: "casus \(command)", version: Casus.version, summary: "A person at a command line.",
      publishes: [], subscribes: [])
    var connection = Connection(
      endpoint: run.broker.endpoint, brokerKey: brokerKey, keys: keys, identity: identity.description,
      manifest: manifest, patience: .seconds(5))
    connection.refusalIsFinal = true
    do {
      // A command says itself what a person needs to know.
      return try await Bus.connect(connection, logger: Logger(label: "casus") { _ in SwiftLogNoOpLogHandler() })
    } catch let error as BusError {
      throw Failure(error, endpoint: run.broker.endpoint)
    }
  }

  /// Connects, does `body` and closes, whatever happens.
  func withBus<R>(_ command: String, _ body: (Bus) async throws -> R) async throws -> R {
    let bus = try await connect(command)
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
    switch error.code {
    case .unreachable:
      self.init(.unreachable, "no broker answers\(endpoint.map { " at \($0)" } ?? ""): \(error.message)")
    case .keyRefused: self.init(.notPermitted, error.message)
    case .configuration: self.init(.configuration, error.message)
    default: self.init(.partly, error.message)
    }
  }
}
