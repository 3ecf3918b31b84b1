import CasusEvents
import CasusLaunch
import CasusPlugin
import Synchronization

/// The launcher's view of the broker: asks for its status as an operator until every plugin is connected, and puts
/// crashes on the bus.
final class StatusWatch: BrokerWatch {
  private struct State {
    var asking: Task<Void, Never>?
    var crashes: AsyncStream<Crash>.Continuation?
  }

  private let link: LinkOptions
  private let plugins: Set<String>
  private let exercise: Bool
  private let state = Mutex(State())

  /// - Parameter plugins: whose connection is waited for.
  init(link: LinkOptions, plugins: [String], exercise: Bool) {
    self.link = link
    self.plugins = Set(plugins)
    self.exercise = exercise
  }

  func begin(_ broker: BrokerAddress, report: @escaping @Sendable (Set<String>) -> Void) {
    guard !plugins.isEmpty else { return }
    let (crashes, continuation) = AsyncStream.makeStream(of: Crash.self, bufferingPolicy: .bufferingNewest(256))
    let asking = Task {
      // A broker that is just being started again is waited for; so is a registry that is not read yet.
      while !Task.isCancelled {
        do {
          try await link.withBus("up") { bus in
            async let published: Void = publish(crashes, on: bus)
            try await ask(bus, report: report)
            try await published
          }
          return
        } catch {
          try? await Task.sleep(for: .milliseconds(500))
        }
      }
    }
    state.withLock { state in
      state.asking = asking
      state.crashes = continuation
    }
  }

  private func ask(_ bus: Bus, report: @Sendable (Set<String>) -> Void) async throws {
    while !Task.isCancelled {
      let status = try StatusView.decode(try await bus.request("status", [:]))
      let connected = Set(status.plugins.filter(\.isConnected).map(\.name))
      report(connected)
      // Often while someone is awaited, seldom afterwards.
      try await Task.sleep(for: plugins.isSubset(of: connected) ? .seconds(2) : .milliseconds(100))
    }
  }

  private func publish(_ crashes: AsyncStream<Crash>, on bus: Bus) async throws {
    for await crash in crashes {
      guard let name = PluginName(crash.name) else { continue }
      var payload = BusCrashed(
        plugin: crash.name, agency: name.agency, restarts: crash.restarts,
        restartMilliseconds: crash.restartIn.map { Int($0 / 1_000_000) }, gaveUp: crash.restartIn == nil,
        message: crash.lastLine)
      switch crash.exit {
      case .code(let code): payload.exitCode = Int(code)
      case .signal(let number): payload.signal = Int(number)
      }
      let outcomes = try await bus.publish([Draft(payload, subject: crash.name, exercise: exercise)])
      if case .refused(let refusal)? = outcomes.first {
        bus.logger.warning("a crash is not on the record", metadata: ["refusal": "\(refusal)"])
      }
    }
  }

  func crashed(_ crash: Crash) { _ = state.withLock { $0.crashes }?.yield(crash) }

  func end() {
    state.withLock { state in
      state.crashes?.finish()
      state.asking?.cancel()
    }
  }
}
