import CasusEvents
import CasusWire
import SystemFiles
import Testing

@testable import CasusCore
@testable import CasusServer

@Suite struct AlertsTests {
  private static let second: Int64 = 1_000_000_000
  private let now = Moment(wall: Timestamp(nanoseconds: 10_000 * second), steady: 500 * second)

  private func facts(_ fill: (inout StatusReply.Facts) -> Void) -> StatusReply.Facts {
    var facts = StatusReply.Facts(version: "", pid: 1, started: "", startedSteady: 0, listen: [], now: now)
    fill(&facts)
    return facts
  }

  private func plugin(_ fill: (PluginRecord) -> Void = { _ in }) -> PluginRecord {
    let plugin = PluginRecord(identity: "jp.test/a", agency: "jp.test")
    plugin.state = .connected
    fill(plugin)
    return plugin
  }

  private func report(lag: UInt64 = 0, pending: Int = 0, quarantined: UInt64 = 0) -> SubscriptionReport {
    SubscriptionReport(
      identity: "jp.test/a", name: "main", isGroup: false, types: [], isLive: true, members: [], policy: .disconnect,
      matched: 0, acked: 0, pending: pending, waiting: 0, quarantined: quarantined, dropped: 0, ackedThrough: 0,
      lag: lag)
  }

  private func alerts(
    _ plugins: [PluginRecord] = [], _ reports: [SubscriptionReport] = [],
    _ fill: (inout StatusReply.Facts) -> Void = { _ in }
  ) -> [Alert] { Alerts(facts(fill), plugins, Dictionary(grouping: reports, by: \.identity)).all }

  @Test func `a broker where nothing is wrong has none`() {
    #expect(
      alerts([plugin()], [report(lag: AlertCode.mostBehind, pending: 5)]) { $0.disk = .init(free: 50, size: 100) } == []
    )
  }

  @Test func `what the disk refuses is critical and stands first`() {
    let found = alerts {
      $0.registryFaults = ["EXERCISE a.yaml:1:1: x"]
      $0.troubles = [.init(code: "disk-full", message: "EXERCISE", since: Timestamp(nanoseconds: 0))]
    }
    #expect(found.map(\.code) == [.diskRefuses, .registryFault])
    #expect(found[0].subject == "disk-full" && found[0].text.contains("EXERCISE"))
  }

  @Test(arguments: [(UInt64(49), true), (50, false), (0, true)]) func `a disk that fills up is told before`(
    free: UInt64, isLow: Bool
  ) {
    #expect(alerts { $0.disk = .init(free: free, size: 1000) }.map(\.code) == (isLow ? [.diskLow] : []))
  }

  @Test func `damage is critical`() {
    let found = alerts { $0.check = .init(read: 1, bytes: 2, isDone: false, damage: ["EXERCISE 1.mcap"]) }
    #expect(found == [Alert(.journalDamaged, "", "EXERCISE 1.mcap")])
  }

  @Test(arguments: [(Int64(0), true), (3599, true), (3600, false), (-900_000, true)])
  func `a jump is shown for an hour`(
    ago: Int64, isShown: Bool
  ) {
    let after = now.wall.nanoseconds - ago * Self.second
    let found = alerts {
      $0.clockStep = .init(before: Timestamp(nanoseconds: 0), after: Timestamp(nanoseconds: after))
    }
    #expect(found.map(\.code) == (isShown ? [.clockJumped] : []))
  }

  @Test func `who holds what retention would remove is named`() {
    let owner = SubscriptionOwner(identity: "jp.test/a", name: "main")
    let found = alerts { $0.held[owner] = .init(first: 3, last: 4, since: 0) }
    #expect(found.map(\.code) == [.retentionHeld] && found[0].subject == owner.cursorName)
    #expect(found[0].text == "has not acknowledged 3 to 4")
    #expect(
      alerts {
        $0.held[owner] = .init(first: 3, last: 4, since: 0)
        $0.cutsNeeded = true
      }[0].text.hasSuffix("to be removed"))
  }

  @Test func `quarantine is counted over all of an owners subscriptions`() {
    let found = alerts([plugin()], [report(quarantined: 2), report(), report(quarantined: 3)])
    #expect(found == [Alert(.eventsQuarantined, "jp.test/a", "5 events in quarantine")])
  }

  @Test(arguments: [(HealthState.ok, nil), (.degraded, AlertCode.pluginDegraded), (.failing, .pluginFailing)])
  func `what a plugin says of itself`(state: HealthState, code: AlertCode?) {
    let found = alerts([
      plugin {
        $0.health = state
        $0.healthText = "EXERCISE"
      }
    ])
    #expect(found == (code.map { [Alert($0, "jp.test/a", "it says \"EXERCISE\"")] } ?? []))
  }

  @Test func `what a plugin said is no alert once it is gone`() {
    #expect(
      alerts([
        plugin {
          $0.health = .failing
          $0.state = .gone
        }
      ]) == [])
  }

  @Test func `who is cut off is named until it is served again`() {
    #expect(
      alerts([plugin { $0.shutUntil = now.steady + 5 * Self.second }]).map(\.code) == [.pluginCutOff])
    #expect(alerts([plugin { $0.shutUntil = now.steady }]) == [])
  }

  @Test func `events that wait for one who is away are counted`() {
    let found = alerts([plugin { $0.state = .gone }], [report(lag: 3, pending: 4)])
    #expect(
      found == [
        Alert(.pluginAway, "jp.test/a", "not connected, with 4 pending events and 3 for it that it was not sent")
      ]
    )
    #expect(alerts([plugin { $0.state = .gone }], [report()]) == [])
  }

  @Test func `who fell silent and has nothing to read is named after a while`() {
    func gone(_ seconds: Int64) -> [Alert] {
      alerts([
        plugin {
          $0.state = .gone
          $0.goneSince = now.steady - seconds * Self.second
        }
      ])
    }
    #expect(gone(29) == [])
    #expect(
      gone(31) == [Alert(.pluginGone, "jp.test/a", "not connected for 31 s, and it did not say that it leaves")])
    #expect(alerts([plugin { $0.state = .gone }]) == [], "it said bye")
    // What waits for it says more.
    let waiting = alerts(
      [
        plugin {
          $0.state = .gone
          $0.goneSince = 0
        }
      ], [report(lag: 1)])
    #expect(waiting.map(\.code) == [.pluginAway])
  }

  @Test(arguments: [(Int64(29), false), (30, true)]) func `a disk that does not answer is critical`(
    seconds: Int64, isTold: Bool
  ) {
    let found = alerts {
      $0.disk = .init(free: 50, size: 100)
      $0.diskSilence = seconds * Self.second
    }
    #expect(found.map(\.code) == (isTold ? [.diskSilent] : []))
    #expect(AlertCode.diskSilent.severity == .critical)
  }

  @Test func `who is far behind is named`() {
    let found = alerts([plugin()], [report(lag: AlertCode.mostBehind + 1)])
    #expect(found.map(\.code) == [.pluginBehind])
  }

  @Test func `others' words stay within their quotes, and only the broker's own are critical`() {
    let found = alerts([
      plugin {
        $0.health = .failing
        $0.healthText = "x\"; disk-refuses: EXERCISE " + String(repeating: "y", count: 500)
      }
    ])
    #expect(found[0].text.hasPrefix("it says \"x'; disk-refuses") && found[0].text.count < 200)
    #expect(found[0].text.filter { $0 == "\"" }.count == 2 && found[0].code.severity == .warning)
  }

  @Test func `a group that nobody is in is away, and one that is far behind is named`() {
    func group(members: [(identity: String, pending: Int)], lag: UInt64) -> SubscriptionReport {
      var report = report(lag: lag)
      (report.identity, report.isGroup, report.members) = ("jp.test/~work", true, members)
      return report
    }
    #expect(alerts([], [group(members: [], lag: 1)]).map(\.code) == [.pluginAway])
    let behind = alerts([], [group(members: [("jp.test/a", 0)], lag: AlertCode.mostBehind + 1)])
    #expect(behind.map(\.code) == [.pluginBehind] && behind[0].subject == "jp.test/~work")
  }
}
