import CasusNames
import Testing

@testable import CasusLaunch

@Suite("The supervisor")
struct SupervisorTests {
  private static let second: Int64 = 1_000_000_000

  /// A broker and two plugins that are all ready, at time 0.
  private func running(policy: RestartPolicy = .init()) -> Supervisor {
    var supervisor = Supervisor(
      members: [.init(name: "broker"), .init(name: "a.b/c", restart: policy), .init(name: "a.b/d", restart: policy)],
      seed: 7)
    _ = supervisor.handle(.begin, now: 0)
    for index in 0..<3 {
      _ = supervisor.handle(.spawned(index, pid: Int32(100 + index)), now: 0)
      _ = supervisor.handle(.ready(index), now: 0)
    }
    return supervisor
  }

  @Test
  func `starts the plugins only when the broker is ready`() {
    var supervisor = Supervisor(members: [.init(name: "broker"), .init(name: "a/b"), .init(name: "a/c")], seed: 1)
    #expect(supervisor.handle(.begin, now: 0) == [.spawn(0)])
    #expect(supervisor.handle(.spawned(0, pid: 9), now: 0) == [.report(.started(0, pid: 9, restart: 0))])
    #expect(supervisor.handle(.ready(0), now: 0) == [.report(.ready(0)), .spawn(1), .spawn(2)])
  }

  @Test
  func `says once that all are ready, counting a plugin that has finished`() {
    var supervisor = Supervisor(members: [.init(name: "broker"), .init(name: "a/b"), .init(name: "a/c")], seed: 1)
    _ = supervisor.handle(.begin, now: 0)
    _ = supervisor.handle(.spawned(0, pid: 1), now: 0)
    _ = supervisor.handle(.ready(0), now: 0)
    _ = supervisor.handle(.spawned(1, pid: 2), now: 0)
    _ = supervisor.handle(.spawned(2, pid: 3), now: 0)
    #expect(!supervisor.handle(.ready(1), now: 0).contains(.report(.allReady)))
    #expect(supervisor.handle(.exited(2, .code(0)), now: 1).contains(.report(.allReady)))
    _ = supervisor.handle(.exited(1, .signal(9)), now: 2)
    _ = supervisor.handle(.spawned(1, pid: 4), now: 3)
    #expect(!supervisor.handle(.ready(1), now: 4).contains(.report(.allReady)))
  }

  @Test
  func `starts a crashed plugin again after a pause that doubles and is bounded`() {
    let policy = RestartPolicy(delay: 1 * Self.second, longestDelay: 4 * Self.second, crashes: 100, window: .max / 2)
    var supervisor = running(policy: policy)
    var pauses: [Int64] = []
    var now: Int64 = 0
    for _ in 0..<6 {
      let actions = supervisor.handle(.exited(1, .signal(11)), now: now)
      guard case .report(.crashed(1, .signal(11), let pause, _)) = actions.first else {
        Issue.record("no restart: \(actions)")
        return
      }
      pauses.append(pause)
      #expect(supervisor.nextDeadline == now + pause)
      #expect(supervisor.handle(.tick, now: now + pause - 1).isEmpty)
      #expect(supervisor.handle(.tick, now: now + pause) == [.spawn(1)])
      #expect(supervisor.handle(.tick, now: now + pause).isEmpty, "a second tick starts nothing twice")
      now += pause
      _ = supervisor.handle(.spawned(1, pid: 500), now: now)
      _ = supervisor.handle(.ready(1), now: now)
    }
    for (pause, bound) in zip(pauses, [1, 2, 4, 4, 4, 4].map { $0 * Self.second }) {
      #expect((bound / 2...bound).contains(pause))
    }
    #expect(supervisor.restarts == [0, 6, 0])
  }

  @Test
  func `gives a crash loop up, and only within the window`() {
    let policy = RestartPolicy(delay: 0, crashes: 3, window: 10 * Self.second)
    var supervisor = running(policy: policy)
    func crash(at now: Int64) -> [Supervisor.Action] {
      let actions = supervisor.handle(.exited(1, .code(3)), now: now)
      if supervisor.handle(.tick, now: now).contains(.spawn(1)) {
        _ = supervisor.handle(.spawned(1, pid: 5), now: now)
      }
      return actions
    }
    _ = crash(at: 0)
    _ = crash(at: 1)
    // The first two are out of the window by now.
    #expect(crash(at: 11 * Self.second) == [.report(.crashed(1, .code(3), restartIn: 0, crashes: 1))])
    _ = crash(at: 12 * Self.second)
    #expect(crash(at: 13 * Self.second) == [.report(.gaveUp(1, .code(3), .crashLoop, crashes: 3))])
    #expect(supervisor.phases[1] == .gaveUp)
    #expect(supervisor.phases[2] == .ready(pid: 102), "the others go on")
    #expect(supervisor.exitCode == 1)
  }

  @Test
  func `leaves a plugin down that finished, unless it is to run always`() {
    var supervisor = running()
    #expect(supervisor.handle(.exited(1, .code(0)), now: 0) == [.report(.finished(1))])
    var always = running(policy: .init(when: .always))
    #expect(always.handle(.exited(1, .code(0)), now: 0).first != .report(.finished(1)))
    var never = running(policy: .init(when: .never))
    #expect(never.handle(.exited(1, .code(4)), now: 0) == [.report(.gaveUp(1, .code(4), .noRestart, crashes: 1))])
  }

  @Test(arguments: CasusNames.ExitStatus.table)
  func `starts a plugin again, or leaves it down, as the table of exit codes says`(row: CasusNames.ExitStatus.Row) {
    var supervisor = running()
    let exit = Exit.code(row.status.rawValue)
    let report = supervisor.handle(.exited(1, exit), now: 0).first
    if row.status == .ok {
      #expect(report == .report(.finished(1)))
    } else if row.startsAgain {
      guard case .report(.crashed(1, exit, _, _)) = report else {
        Issue.record("\(exit) is not started again")
        return
      }
    } else {
      #expect(report == .report(.gaveUp(1, exit, .permanent, crashes: 1)))
    }
    #expect(exit.isPermanent == (row.status != .ok && !row.startsAgain))
  }

  @Test
  func `ends everything with the broker's code when the broker never listened`() {
    var supervisor = Supervisor(members: [.init(name: "broker"), .init(name: "a/b")], seed: 1)
    _ = supervisor.handle(.begin, now: 0)
    _ = supervisor.handle(.spawned(0, pid: 9), now: 0)
    let actions = supervisor.handle(.exited(0, .code(75)), now: 0)
    #expect(actions.contains(.report(.gaveUp(0, .code(75), .brokerNeverReady, crashes: 1))))
    #expect(actions.last == .end)
    #expect(supervisor.exitCode == 75)
  }

  @Test
  func `starts a broker that crashed later again, and leaves the plugins running`() {
    var supervisor = running()
    guard case .report(.crashed(0, _, let pause, _)) = supervisor.handle(.exited(0, .signal(9)), now: 0).first else {
      Issue.record("not restarted")
      return
    }
    #expect(supervisor.handle(.tick, now: pause) == [.spawn(0)])
    _ = supervisor.handle(.spawned(0, pid: 300), now: pause)
    #expect(supervisor.handle(.ready(0), now: pause) == [.report(.ready(0))], "no plugin is started a second time")
    #expect(supervisor.phases[1] == .ready(pid: 101))
  }

  @Test
  func `ends the plugins in reverse order and the broker after them`() {
    var supervisor = running()
    #expect(
      supervisor.handle(.stop, now: 0) == [
        .report(.stopping), .terminate(2, pid: 102), .terminate(1, pid: 101),
      ])
    #expect(supervisor.handle(.exited(2, .code(0)), now: 1) == [.report(.stopped(2, .code(0)))])
    #expect(supervisor.handle(.exited(1, .code(0)), now: 1).last == .terminate(0, pid: 100))
    #expect(supervisor.handle(.exited(0, .code(0)), now: 2).last == .end)
    #expect(supervisor.exitCode == 0)
  }

  @Test
  func `kills what does not end in time, and everything on a second request`() {
    var supervisor = running()
    _ = supervisor.handle(.stop, now: 0)
    _ = supervisor.handle(.exited(1, .code(0)), now: 1)
    #expect(supervisor.nextDeadline == 5 * Self.second)
    #expect(
      supervisor.handle(.tick, now: 5 * Self.second) == [
        .report(.killed(2, after: 5 * Self.second)), .kill(2, pid: 102),
      ])
    var impatient = running()
    _ = impatient.handle(.stop, now: 0)
    #expect(impatient.handle(.stop, now: 1) == [.kill(2, pid: 102), .kill(1, pid: 101), .kill(0, pid: 100)])
  }

  @Test
  func `terminates a process whose start was under way when the end was asked for`() {
    var supervisor = running()
    _ = supervisor.handle(.exited(1, .signal(9)), now: 0)
    _ = supervisor.handle(.tick, now: 10 * Self.second)
    _ = supervisor.handle(.stop, now: 10 * Self.second)
    #expect(supervisor.handle(.spawned(1, pid: 77), now: 10 * Self.second).contains(.terminate(1, pid: 77)))
  }

  @Test
  func `reports a process that is not ready in time, once`() {
    var supervisor = Supervisor(members: [.init(name: "broker", readyTimeout: 10)], seed: 1)
    _ = supervisor.handle(.begin, now: 0)
    _ = supervisor.handle(.spawned(0, pid: 9), now: 0)
    #expect(supervisor.handle(.tick, now: 10) == [.report(.slow(0, after: 10))])
    #expect(supervisor.handle(.tick, now: 20).isEmpty)
  }

  @Test
  func `repeats itself exactly from the same seed`() {
    func pauses(seed: UInt64) -> [Supervisor.Action] {
      var supervisor = Supervisor(members: [.init(name: "broker"), .init(name: "a/b")], seed: seed)
      _ = supervisor.handle(.begin, now: 0)
      _ = supervisor.handle(.spawned(0, pid: 1), now: 0)
      _ = supervisor.handle(.ready(0), now: 0)
      _ = supervisor.handle(.spawned(1, pid: 2), now: 0)
      return supervisor.handle(.exited(1, .signal(6)), now: 0)
    }
    #expect(pauses(seed: 3) == pauses(seed: 3))
    #expect(pauses(seed: 3) != pauses(seed: 4))
  }
}
