import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import Synchronization

/// The launcher's view of the broker: asks as an operator who is connected, and puts crashes on the bus.
final class StatusWatch: BrokerWatch {
  private struct State {
    var task: Task<Void, Never>?
    var crashes = CrashRecord()
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
      while let draft = state.withLock({ $0.crashes.next }) {
        if let refusal = try await bus.publish([draft]).first?.refusal {
          Terminal.complain("the crash of \(draft.subject ?? "") is not on the record: \(refusal)")
        }
        state.withLock { $0.crashes.answered() }
      }
      // Often while someone is awaited, seldom afterwards.
      try await Task.sleep(for: plugins.isSubset(of: connected) ? .seconds(1) : .milliseconds(100))
    }
  }

  func crashed(_ crash: Crash) { state.withLock { $0.crashes.add(crash, at: currentTime(), exercise: exercise) } }

  func end() { state.withLock { $0.task }?.cancel() }
}
