import CasusEvents
import Testing

@testable import CasusServer

struct RecordedClockTests {
  static let second: Int64 = 1_000_000_000
  static let start: Int64 = 1_800_000_000 * second
  static let years = 315_360_000 * second

  /// A clock whose wall time is off by `error` from `seconds` on.
  struct Machine {
    var clock: RecordedClock
    var error: Int64 = 0
    var asleep: Int64 = 0

    mutating func read(_ seconds: Int64) -> Int64 {
      let steady = seconds * second
      return clock.time(wall: start + steady + error, steady: steady - asleep).nanoseconds - start
    }
  }

  @Test func `a clock that is right is followed`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: Self.start - Self.second)))
    for seconds in Int64(0)..<100 { #expect(machine.read(seconds) == seconds * Self.second) }
    #expect(machine.clock.takeStep(steady: 0) == nil)
  }

  @Test func `a jump forward is followed and told and the way back too`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: 0)))
    _ = machine.read(1)
    machine.error = Self.years
    #expect(machine.read(2) == 2 * Self.second + Self.years)
    let ahead = machine.clock.takeStep(steady: 2 * Self.second)
    #expect(ahead?.isBack == false)
    #expect(ahead?.before.nanoseconds == Self.start + 2 * Self.second)
    #expect(machine.read(3600) == 3600 * Self.second + Self.years)
    machine.error = 0
    #expect(machine.read(3601) == 3601 * Self.second)
    let back = machine.clock.takeStep(steady: 3601 * Self.second)
    #expect(back?.isBack == true && back?.after.nanoseconds == Self.start + 3601 * Self.second)
    #expect(machine.clock.takeStep(steady: 9999 * Self.second) == nil)
  }

  @Test func `a restart behind a wrong clock comes back at once and is told`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: Self.start + Self.years)))
    #expect(machine.read(0) == 0)
    #expect(machine.read(1) == Self.second)
    let step = machine.clock.takeStep(steady: Self.second)
    #expect(step?.isBack == true && step?.before.nanoseconds == Self.start + Self.years)
  }

  @Test func `a restart after a long time is no step`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: Self.start - Self.years)))
    #expect(machine.read(0) == 0)
    #expect(machine.clock.takeStep(steady: 0) == nil)
  }

  @Test(arguments: [1, 4])
  func `a small step back stands still until the clock has caught up`(seconds: Int64) {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: 0)))
    #expect(machine.read(10) == 10 * Self.second)
    // A leap second is one of these.
    machine.error = -seconds * Self.second
    #expect(machine.read(10) == 10 * Self.second)
    #expect(machine.read(10 + seconds) == 10 * Self.second)
    #expect(machine.read(11 + seconds) == 11 * Self.second)
    #expect(machine.clock.takeStep(steady: 100 * Self.second) == nil)
  }

  @Test func `a machine that slept is told as a step forward`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: 0)))
    _ = machine.read(1)
    machine.asleep = 600 * Self.second
    #expect(machine.read(602) == 602 * Self.second)
    #expect(machine.clock.takeStep(steady: 2 * Self.second)?.isBack == false)
  }

  @Test func `a clock that swings is told once in a while`() {
    var machine = Machine(clock: RecordedClock(after: Timestamp(nanoseconds: 0)))
    var told = 0
    for seconds in Int64(0)..<600 {
      machine.error = seconds % 2 == 0 ? 0 : Self.years
      _ = machine.read(seconds)
      if machine.clock.takeStep(steady: seconds * Self.second) != nil { told += 1 }
    }
    #expect((9...11).contains(told))
  }
}
