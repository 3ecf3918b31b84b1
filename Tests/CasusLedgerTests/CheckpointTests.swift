import CasusEvents
import Testing

@testable import CasusLedger

@Suite("A checkpoint")
struct CheckpointTests {
  typealias Event = (stamp: Stamp, bytes: [UInt8])

  static func events(_ sequences: some Sequence<UInt64>) -> [Event] {
    sequences.map { sequence in
      (
        Stamp(
          sequence: sequence, recorded: Timestamp(nanoseconds: Int64(sequence)), sender: "xx.exercise/a", flags: []),
        Array("EXERCISE \(sequence)".utf8)
      )
    }
  }

  static func checkpoint(_ events: [Event], starts: [UInt64]) -> Checkpoint {
    var maker = CheckpointMaker(starts: starts)
    for event in events { event.bytes.withUnsafeBytes { maker.feed(event.stamp, $0) } }
    return maker.checkpoint(of: "5f")
  }

  static func check(_ checkpoint: Checkpoint, _ events: [Event]) -> CheckpointCheck {
    var check = CheckpointCheck(checkpoint, first: events.first?.stamp.sequence ?? 1)
    for event in events { event.bytes.withUnsafeBytes { check.feed(event.stamp, $0) } }
    check.finish()
    return check
  }

  private let then = checkpoint(events(1...100), starts: [1, 41, 81])

  @Test func `has a stretch for each segment, and one between gaps`() {
    #expect(then.stretches.map { "\($0.first)-\($0.last)" } == ["1-40", "41-80", "81-100"])
    let gaps = Self.checkpoint(Self.events(Array(1...10) + Array(20...30)), starts: [1])
    #expect(gaps.stretches.map { "\($0.first)-\($0.last)" } == ["1-10", "20-30"])
    #expect(Self.checkpoint([], starts: []).stretches.isEmpty)
  }

  @Test func `proves a journal that has gone on, whatever its segments are now`() throws {
    let same = try Checkpoint.read(canonicalJSON(then))
    #expect(same == then)
    let check = Self.check(same, Self.events(1...500))
    #expect(check.problems == [] && check.proved == 100 && check.removed == 0)
  }

  @Test func `counts what retention has removed since apart`() {
    let check = Self.check(then, Self.events(41...500))
    #expect(check.problems == [] && check.proved == 60 && check.removed == 40)
  }

  @Test(arguments: [1, 40, 41, 77, 100] as [UInt64])
  func `finds an event that was changed, one that is gone, and one with another stamp`(sequence: UInt64) {
    var changed = Self.events(1...120)
    changed[Int(sequence) - 1].bytes[0] ^= 1
    #expect(Self.check(then, changed).problems.count == 1)
    var stamped = Self.events(1...120)
    stamped[Int(sequence) - 1].stamp.sender = "xx.exercise/b"
    #expect(Self.check(then, stamped).problems.count == 1)
    let check = Self.check(then, Self.events((1...120).filter { $0 != sequence || sequence == 1 }))
    #expect(check.problems.count == (sequence == 1 ? 0 : 1))
  }

  @Test func `finds an end that is gone`() {
    #expect(Self.check(then, Self.events(1...99)).problems == ["events 81 to 100 are not all there any more"])
    #expect(Self.check(then, []).problems.count == 3)
  }

  @Test(arguments: ["", "{}", #"{"format":"casus-checkpoint/2","journal":"5f","stretches":[]}"#])
  func `is not read from another text`(text: String) {
    #expect(throws: LedgerError.self) { try Checkpoint.read(Array(text.utf8)) }
  }
}
