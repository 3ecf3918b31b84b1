import CasusTestKit
import CasusWire
import Testing

@testable import CasusPlugin

/// The broker's purse of points (PROTOCOL.md, section 2), written anew: it fills by itself and must never be overdrawn.
private struct Purse {
  let limits: Limits
  var spent = 0.0
  var at = ContinuousClock.now

  mutating func charge(_ points: Int, at now: ContinuousClock.Instant) -> Bool {
    let seconds = Double((now - at) / .nanoseconds(1)) / 1e9
    spent = max(0, spent - seconds * Double(limits.faultsPerSecond)) + Double(points)
    at = now
    return spent <= Double(limits.faultsAtOnce)
  }
}

@Suite("A publisher whose events are refused")
struct RefusalPaceTests {
  private static func limits(perSecond: Int, atOnce: Int) -> Limits {
    var limits = Limits()
    limits.faultsPerSecond = perSecond
    limits.faultsAtOnce = atOnce
    return limits
  }

  @Test(arguments: [(20_000, 100_000), (1_000, 10_000), (1, 5_000), (1_000_000, 4_096)])
  func `keeps below the broker's budget, however long it goes on`(perSecond: Int, atOnce: Int) {
    let limits = Self.limits(perSecond: perSecond, atOnce: atOnce)
    var numbers = SystemRandomNumberGenerator()
    var pace = RefusalPace()
    let start = ContinuousClock.now
    var now = start
    var purse = Purse(limits: limits, at: now)
    var refused = 0
    for _ in 0..<5_000 {
      if let pause = pace.pause(at: now, limits) {
        #expect(pause > now)
        now = pause
      }
      #expect(pace.pause(at: now, limits) == nil, "a pause without an end")
      // A batch of it was on its way.
      let batch = Int.random(in: 1...1_024, using: &numbers)
      now += .microseconds(Int.random(in: 1...2_000, using: &numbers))
      pace.charge(batch, at: now, limits)
      refused += batch
      guard purse.charge(batch, at: now) else {
        Issue.record("cut off after \(refused) refused events")
        return
      }
    }
    // Half of the budget's rate is used: it does not stop, either.
    let seconds = Double((now - start) / .nanoseconds(1)) / 1e9
    #expect(Double(refused) >= 0.45 * Double(perSecond) * seconds)
  }

  @Test func `is told so once, and again after all was well`() {
    let limits = Self.limits(perSecond: 100, atOnce: 10)
    var pace = RefusalPace()
    let now = ContinuousClock.now
    pace.charge(100, at: now, limits)
    #expect(pace.pause(at: now, limits) != nil)
    var news = [pace.isNews(), pace.isNews()]
    pace.charge(100, at: now + .seconds(1), limits)
    news.append(pace.isNews())
    pace.charge(100, at: now + .seconds(100), limits)
    news.append(pace.isNews())
    #expect(news == [true, false, false, true])
  }

  @Test func `needs no pause for what is accepted`() {
    var pace = RefusalPace()
    pace.charge(0, at: .now, Limits())
    #expect(pace.pause(at: .now, Limits()) == nil)
  }

  @Test func `who is cut off all the same waits as long as the broker says, and is patient until then`() async throws {
    let broker = try FakeBroker()
    defer { broker.stop() }
    let now = ContinuousClock.now
    let connection = try broker.connection(patience: .seconds(3))
    var session = Session(connection, room: OutboxRoom(events: 10, bytes: 10_000), now: now)
    session.begin(now: now)
    try session.receive(
      .welcome(
        Welcome(
          version: 1, broker: "b", identity: connection.identity, roles: [], publish: [], subscribe: [],
          limits: Limits(), heartbeat: 5000, journal: "5f", first: 1, last: 0)), now: now, random: 0.5)
    try session.receive(
      .error(ErrorReply(error: WireError(.flooding, "EXERCISE"), fatal: true, retryAfter: 10_000)), now: now,
      random: 0.5)
    guard case .waiting(let until) = session.phase else {
      Issue.record("it does not wait")
      return
    }
    #expect(until >= now + .seconds(10))
    session.tick(now: now + .seconds(9), random: 0.5)
    #expect(!session.isOver)
    session.tick(now: now + .seconds(13), random: 0.5)
    #expect(session.isOver)
  }

  /// A command that looks on waits for a broker that was there once; one that never let it in was not.
  @Test(arguments: [false, true])
  func `who is cut off before it was ever let in is patient no longer than others`(wasLetIn: Bool) async throws {
    let broker = try FakeBroker()
    defer { broker.stop() }
    let now = ContinuousClock.now
    var connection = try broker.connection(patience: .seconds(3))
    connection.waitsOnceConnected = true
    var session = Session(connection, room: OutboxRoom(events: 10, bytes: 10_000), now: now)
    session.begin(now: now)
    if wasLetIn {
      let welcome = Welcome(
        version: 1, broker: "b", identity: connection.identity, roles: [], publish: [], subscribe: [],
        limits: Limits(), heartbeat: 5000, journal: "5f", first: 1, last: 0)
      try session.receive(.welcome(welcome), now: now, random: 0.5)
    }
    try session.receive(
      .error(ErrorReply(error: WireError(.flooding, "EXERCISE"), fatal: true, retryAfter: 10_000)), now: now,
      random: 0.5)
    session.tick(now: now + .seconds(12), random: 0.5)
    #expect(!session.isOver)
    session.tick(now: now + .seconds(14), random: 0.5)
    #expect(session.isOver != wasLetIn)
  }
}
