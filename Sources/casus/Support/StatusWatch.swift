import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import Synchronization

/// The launcher's view of the broker: asks as an operator who is connected, and puts crashes on the bus.
final class StatusWatch: BrokerWatch {
  private struct State {
    var task: Task<Void, Never>?
    /// Oldest first; kept until the broker has them, so that a crash of the broker itself loses none.
    var crashes: [Draft] = []
  }

  private let link: LinkOptions
  private let plugins: Set<String>
  private let exercise: Bool
  private let state = Mutex(State())

  /// - Parameters:
  ///   - plugins: whose connection is waited for.
  ///   - exercise: marks what is published.
  init(link: LinkOptions, plugins: [String], exercise: Bool) {
    self.link = link
    self.plugins = Set(plugins)
    self.exercise = exercise
  }

  func begin(_ broker: BrokerAddress, report: @escaping @Sendable (Set<String>) -> Void) {
    guard !plugins.isEmpty else { return }
    let task = Task {
      while !Task.isCancelled {
        // A broker that is being started again is waited for: the reason is in its own log.
        try? await link.withBus("up") { bus in try await watch(bus, report) }
        try? await Task.sleep(for: .milliseconds(500))
      }
    }
    state.withLock { $0.task = task }
  }

  private func watch(_ bus: Bus, _ report: @Sendable (Set<String>) -> Void) async throws {
    while !Task.isCancelled {
      let status = try StatusView.decode(try await bus.request("status", [:]))
      let connected = Set(status.plugins.filter(\.isConnected).map(\.name))
      report(connected)
      while let draft = state.withLock({ $0.crashes.first }) {
        if let refusal = try await bus.publish([draft]).first?.refusal {
          Terminal.complain("the crash of \(draft.subject ?? "") is not on the record: \(refusal)")
        }
        state.withLock { _ = $0.crashes.removeFirst() }
      }
      // Often while someone is awaited, seldom afterwards.
      try await Task.sleep(for: plugins.isSubset(of: connected) ? .seconds(1) : .milliseconds(100))
    }
  }

  func crashed(_ crash: Crash) {
    guard let draft = Self.draft(of: crash, at: currentTime(), exercise: exercise) else { return }
    state.withLock { $0.crashes.append(draft) }
  }

  /// The event that tells of a crash. It is made once, with an id of its own: sent again over a new connection it is the same
  /// event, and the broker knows it by that. Nil for a process that is no plugin.
  static func draft(of crash: Crash, at time: Timestamp, exercise: Bool) -> Draft? {
    guard let name = PluginName(crash.name) else { return nil }
    var payload = BusCrashed(
      plugin: crash.name, agency: name.agency, restarts: crash.restarts,
      restartMilliseconds: crash.restartIn.map { Int($0 / 1_000_000) }, gaveUp: crash.restartIn == nil,
      message: crash.lastLine)
    switch crash.exit {
    case .code(let code): payload.exitCode = Int(code)
    case .signal(let number): payload.signal = Int(number)
    }
    return Draft(
      payload, id: "crash-\(time.nanoseconds)-\(crash.restarts)-\(crash.name)", subject: crash.name, time: time,
      exercise: exercise)
  }

  func end() { state.withLock { $0.task }?.cancel() }
}
