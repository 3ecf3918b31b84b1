internal import SeededRandom

/// Who runs, who is ready, who comes back and who stays down: the launcher's whole judgement, as a pure value.
///
/// Events come in with the time they happened, actions come out in the order to do them; the shell (`Launcher`) forks,
/// signals and prints, and decides nothing. The first member is the broker: the others start when it is ready and it
/// ends after them. Cost: O(members) an event. Not thread-safe: one owner.
public struct Supervisor: Sendable {
  public struct Member: Hashable, Sendable {
    public var name: String
    public var restart: RestartPolicy
    /// Nanoseconds between SIGTERM and SIGKILL.
    public var stopTimeout: Int64
    /// Nanoseconds after which a process that is not ready yet is reported, once a start.
    public var readyTimeout: Int64

    public init(
      name: String, restart: RestartPolicy = .init(), stopTimeout: Int64 = 5_000_000_000,
      readyTimeout: Int64 = 30_000_000_000
    ) {
      self.name = name
      self.restart = restart
      self.stopTimeout = stopTimeout
      self.readyTimeout = readyTimeout
    }
  }

  public enum Phase: Hashable, Sendable {
    /// Not started yet, or ended on request.
    case down
    case starting(pid: Int32, reportAt: Int64?)
    case ready(pid: Int32)
    case resting(until: Int64)
    case stopping(pid: Int32, killAt: Int64?)
    /// Ended by itself with exit 0.
    case finished
    case gaveUp

    public var pid: Int32? {
      switch self {
      case .starting(let pid, _), .ready(let pid), .stopping(let pid, _): pid
      case .down, .resting, .finished, .gaveUp: nil
      }
    }
  }

  public enum Event: Hashable, Sendable {
    case begin
    case spawned(Int, pid: Int32)
    /// The program could not even be started: nothing to try again.
    case spawnFailed(Int, String)
    case ready(Int)
    case exited(Int, Exit)
    /// A deadline may have passed.
    case tick
    /// End everything; a second one kills what is left at once.
    case stop
  }

  public enum Action: Hashable, Sendable {
    case spawn(Int)
    case terminate(Int, pid: Int32)
    case kill(Int, pid: Int32)
    case report(Report)
    /// All is down: leave with `exitCode`.
    case end
  }

  private enum Course { case running, stoppingPlugins, stoppingBroker, ended }

  public let members: [Member]
  public private(set) var phases: [Phase]
  /// 0; the broker's own code when it could not run; 1 when a plugin was given up.
  public private(set) var exitCode: Int32 = 0
  private var course = Course.running
  private var crashes: [[Int64]]
  private var starts: [Int]
  private var random: SeededGenerator
  private var brokerWasReady = false
  private var saidAllReady = false

  /// - Parameters:
  ///   - members: the broker first, then the plugins in the order to start them.
  ///   - seed: of the restart delays' random part.
  public init(members: [Member], seed: UInt64) {
    precondition(!members.isEmpty, "a broker at least")
    self.members = members
    phases = Array(repeating: .down, count: members.count)
    crashes = Array(repeating: [], count: members.count)
    starts = Array(repeating: 0, count: members.count)
    random = SeededGenerator(seed: seed)
  }

  public var isStopping: Bool { course != .running }
  /// How often each member has been started again.
  public var restarts: [Int] { starts.map { max($0 - 1, 0) } }

  /// The next moment at which `tick` has something to do, in the clock of `now`.
  public var nextDeadline: Int64? {
    phases.compactMap { phase -> Int64? in
      switch phase {
      case .starting(_, let moment): moment
      case .resting(let moment): moment
      case .stopping(_, let moment): moment
      case .down, .ready, .finished, .gaveUp: nil
      }
    }.min()
  }

  /// - Parameter now: monotonic nanoseconds.
  public mutating func handle(_ event: Event, now: Int64) -> [Action] {
    var actions: [Action] = []
    switch event {
    case .begin:
      actions.append(.spawn(0))
    case .spawned(let index, let pid):
      starts[index] += 1
      if isStopping {
        stop(index, pid: pid, now: now, into: &actions)
      } else {
        phases[index] = .starting(pid: pid, reportAt: now + members[index].readyTimeout)
        actions.append(.report(.started(index, pid: pid, restart: starts[index] - 1)))
      }
    case .spawnFailed(let index, let reason):
      actions.append(.report(.couldNotStart(index, reason)))
      giveUp(index, code: 1, now: now, into: &actions)
    case .ready(let index):
      becameReady(index, into: &actions)
    case .exited(let index, let exit):
      exited(index, exit, now: now, into: &actions)
    case .tick:
      tick(now: now, into: &actions)
    case .stop:
      if isStopping { killAll(into: &actions) } else { beginStop(now: now, into: &actions) }
    }
    if isStopping { goOnStopping(now: now, into: &actions) }
    return actions
  }

  private mutating func becameReady(_ index: Int, into actions: inout [Action]) {
    guard !isStopping, case .starting(let pid, _) = phases[index] else { return }
    phases[index] = .ready(pid: pid)
    actions.append(.report(.ready(index)))
    if index == 0, !brokerWasReady {
      brokerWasReady = true
      for plugin in members.indices.dropFirst() { actions.append(.spawn(plugin)) }
    }
    sayWhenAllReady(into: &actions)
  }

  private mutating func sayWhenAllReady(into actions: inout [Action]) {
    guard !saidAllReady, !isStopping else { return }
    let settled = phases.allSatisfy { phase in
      switch phase {
      case .ready, .finished: true
      default: false
      }
    }
    guard settled else { return }
    saidAllReady = true
    actions.append(.report(.allReady))
  }

  private mutating func exited(_ index: Int, _ exit: Exit, now: Int64, into actions: inout [Action]) {
    if isStopping {
      phases[index] = .down
      actions.append(.report(.stopped(index, exit)))
      return
    }
    let policy = members[index].restart
    if exit.isSuccess, index != 0, policy.when != .always {
      phases[index] = .finished
      actions.append(.report(.finished(index)))
      sayWhenAllReady(into: &actions)
      return
    }
    crashes[index] = crashes[index].filter { $0 > now - policy.window } + [now]
    let count = crashes[index].count
    let neverRan = index == 0 && !brokerWasReady
    if neverRan || policy.when == .never || exit.isPermanent || count >= policy.crashes {
      let why: Report.Surrender =
        neverRan ? .brokerNeverReady : exit.isPermanent ? .permanent : policy.when == .never ? .noRestart : .crashLoop
      actions.append(.report(.gaveUp(index, exit, why, crashes: count)))
      giveUp(index, code: index == 0 ? max(exit.shellCode, 1) : 1, now: now, into: &actions)
      return
    }
    let pause = policy.pause(afterCrash: count, random: random.next())
    phases[index] = .resting(until: now + pause)
    actions.append(.report(.crashed(index, exit, restartIn: pause, crashes: count)))
  }

  private mutating func giveUp(_ index: Int, code: Int32, now: Int64, into actions: inout [Action]) {
    phases[index] = .gaveUp
    if exitCode == 0 || index == 0 { exitCode = code }
    if index == 0, !isStopping { beginStop(now: now, into: &actions) }
  }

  private mutating func tick(now: Int64, into actions: inout [Action]) {
    for index in members.indices {
      switch phases[index] {
      case .resting(let until) where until <= now && !isStopping:
        // Down until the shell says that it runs, so that a second tick cannot start it twice.
        phases[index] = .down
        actions.append(.spawn(index))
      case .starting(let pid, let reportAt?) where reportAt <= now:
        phases[index] = .starting(pid: pid, reportAt: nil)
        actions.append(.report(.slow(index, after: members[index].readyTimeout)))
      case .stopping(let pid, let killAt?) where killAt <= now:
        phases[index] = .stopping(pid: pid, killAt: nil)
        actions.append(.report(.killed(index, after: members[index].stopTimeout)))
        actions.append(.kill(index, pid: pid))
      default: break
      }
    }
  }
}

// Stopping: the plugins first, the last started first, then the broker, so that a plugin's last words still reach the
// journal.
extension Supervisor {
  private mutating func beginStop(now: Int64, into actions: inout [Action]) {
    course = .stoppingPlugins
    actions.append(.report(.stopping))
    for index in members.indices.dropFirst().reversed() { stop(index, now: now, into: &actions) }
  }

  private mutating func goOnStopping(now: Int64, into actions: inout [Action]) {
    if course == .stoppingPlugins, phases.dropFirst().allSatisfy({ $0.pid == nil }) {
      course = .stoppingBroker
      stop(0, now: now, into: &actions)
    }
    if course == .stoppingBroker, phases.allSatisfy({ $0.pid == nil }) {
      course = .ended
      actions.append(.end)
    }
  }

  private mutating func stop(_ index: Int, now: Int64, into actions: inout [Action]) {
    if let pid = phases[index].pid {
      stop(index, pid: pid, now: now, into: &actions)
    } else if case .resting = phases[index] {
      phases[index] = .down
    }
  }

  private mutating func stop(_ index: Int, pid: Int32, now: Int64, into actions: inout [Action]) {
    phases[index] = .stopping(pid: pid, killAt: now + members[index].stopTimeout)
    actions.append(.terminate(index, pid: pid))
  }

  private mutating func killAll(into actions: inout [Action]) {
    for index in members.indices.reversed() {
      guard let pid = phases[index].pid else { continue }
      phases[index] = .stopping(pid: pid, killAt: nil)
      actions.append(.kill(index, pid: pid))
    }
  }
}
