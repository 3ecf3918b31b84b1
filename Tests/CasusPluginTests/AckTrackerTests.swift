import CasusWire
import Testing

@testable import CasusPlugin

@Suite("What is acknowledged")
struct AckTrackerTests {
  private let now = ContinuousClock.now

  // The macro cannot call what mutates.
  private func expect(_ value: Bool, _ result: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(value == result, sourceLocation: location)
  }

  private func ack(_ tracker: inout AckTracker, after: Duration = .zero) -> Ack? {
    tracker.takeAck(subscription: 1, now: now + after)
  }

  private func handed(_ sequences: UInt64..., acked: UInt64 = 0) -> AckTracker {
    var tracker = AckTracker(acked: acked)
    for sequence in sequences { _ = tracker.admit(sequence) }
    return tracker
  }

  @Test func `is the part without gaps`() {
    var tracker = handed(1, 4, 9)
    #expect(ack(&tracker) == nil)
    tracker.finish(4)
    #expect(ack(&tracker) == nil)
    tracker.finish(1)
    #expect(ack(&tracker) == Ack(subscription: 1, through: 4))
    #expect(ack(&tracker) == nil)
    tracker.finish(9)
    #expect(ack(&tracker) == Ack(subscription: 1, through: 9))
    #expect(tracker.isEmpty)
  }

  @Test func `stops before a refused one until its time is over, then goes one by one`() {
    var tracker = handed(1, 2, 3)
    expect(true, tracker.refuse(1, until: now + .seconds(3)))
    tracker.finish(through: 3)
    #expect(ack(&tracker) == nil)
    #expect(tracker.nextDeadline == now + .seconds(3))
    #expect(ack(&tracker, after: .seconds(3)) == Ack(subscription: 1, also: [2, 3]))
    #expect(ack(&tracker, after: .seconds(4)) == nil)
    #expect(tracker.nextDeadline == nil)
    // A minute later it cannot be on its way any more.
    #expect(ack(&tracker, after: .seconds(70)) == Ack(subscription: 1, through: 3))
    // Taken out of quarantine by an operator, it is handed out again and acknowledged by itself.
    expect(true, tracker.admit(1, redelivered: true))
    tracker.finish(1)
    #expect(ack(&tracker, after: .seconds(71)) == Ack(subscription: 1, also: [1]))
    #expect(ack(&tracker, after: .seconds(71)) == nil)
  }

  @Test func `a refused one that comes again is handed out again`() {
    var tracker = handed(1, 2)
    expect(true, tracker.refuse(1, until: now + .seconds(3)))
    tracker.finish(2)
    expect(true, tracker.admit(1))
    #expect(ack(&tracker, after: .seconds(9)) == nil)
    tracker.finish(1)
    #expect(ack(&tracker) == Ack(subscription: 1, through: 2, also: [1]))
  }

  @Test func `what the reader has is not handed out twice, and told again once it is done`() {
    var tracker = handed(1, 2)
    expect(false, tracker.admit(1))
    tracker.finish(through: 2)
    #expect(ack(&tracker) == Ack(subscription: 1, through: 2, also: [1]))
    expect(false, tracker.admit(2, redelivered: true))
    #expect(ack(&tracker) == Ack(subscription: 1, also: [2]))
    #expect(ack(&tracker) == nil)
  }

  @Test func `an event from before this process is handed out when it comes`() {
    var tracker = AckTracker(acked: 10)
    expect(true, tracker.admit(5))
    expect(true, tracker.admit(11))
    tracker.finish(through: 11)
    #expect(ack(&tracker) == Ack(subscription: 1, through: 11, also: [5]))
    expect(true, tracker.admit(6))
    tracker.finish(6)
    #expect(ack(&tracker) == Ack(subscription: 1, also: [6]))
  }

  @Test func `a redelivered one is acknowledged by itself, too, and a long list goes out in pieces`() {
    var tracker = AckTracker(acked: 0)
    for sequence in 1...2000 as ClosedRange<UInt64> { _ = tracker.admit(sequence, redelivered: true) }
    tracker.finish(through: 2000)
    let first = ack(&tracker)
    #expect(first?.through == 2000)
    #expect(first?.also.count == 1024)
    #expect(ack(&tracker)?.also.count == 976)
    #expect(ack(&tracker) == nil)
  }

  @Test func `only what was handed out can be refused`() {
    var tracker = handed(1)
    expect(false, tracker.refuse(2, until: now))
    tracker.finish(1)
    expect(false, tracker.refuse(1, until: now))
  }

  @Test func `what was told one by one is told again in a new session`() {
    var tracker = handed(1, 2)
    expect(true, tracker.refuse(1, until: now))
    tracker.finish(2)
    #expect(ack(&tracker) == Ack(subscription: 1, also: [2]))
    tracker.startSession()
    expect(false, tracker.admit(2))
    #expect(ack(&tracker)?.also == [2])
  }
}
