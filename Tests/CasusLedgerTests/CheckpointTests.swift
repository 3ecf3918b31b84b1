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
          sequence: sequence, recorded: Timestamp(nanoseconds: Int64(truncatingIfNeeded: sequence)),
          sender: "xx.exercise/a", flags: []),
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
    check.finish(checkpoint.journal)
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

  @Test func `of another journal proves nothing and says so`() {
    var check = CheckpointCheck(then, first: 1)
    for event in Self.events(1...100) { event.bytes.withUnsafeBytes { check.feed(event.stamp, $0) } }
    check.finish("6a")
    #expect(check.problems == ["it is of the journal 5f, not of this one"] && check.proved == 0)
  }

  /// As far as sequences go, and further than an Int.
  @Test(arguments: [1, 5, UInt64(Int64.max), UInt64.max] as [UInt64])
  func `of a range that nobody can have is checked and found wanting`(first: UInt64) throws {
    let range = Self.text([(1, UInt64.max)])
    let check = Self.check(try Checkpoint.read(range), Self.events([first]))
    #expect(check.problems.count == 1 && check.proved == 0)
    let gone = CheckpointCheck(try Checkpoint.read(Self.text([(1, first)])), first: .max)
    #expect(gone.removed == (first == .max ? 0 : first))
  }

  /// A journal's events as its files have them, whatever they are.
  @Test func `is made of sequences that do not rise, too`() {
    let made = Self.checkpoint(Self.events([3, 3, 2, .max, 1, 0, 4]), starts: [])
    #expect(
      made.stretches.map { "\($0.first)-\($0.last)" } == [
        "3-3", "3-3", "2-2", "\(UInt64.max)-\(UInt64.max)", "1-1", "4-4",
      ])
  }

  private static func text(_ ranges: [(first: UInt64, last: UInt64)]) -> [UInt8] {
    let stretches = ranges.map { #"{"first":"\#($0.first)","last":"\#($0.last)","root":"00"}"# }
    let list = stretches.joined(separator: ",")
    return Array(#"{"format":"casus-checkpoint/1","journal":"5f","stretches":[\#(list)]}"#.utf8)
  }

  @Test func `is not read where its ranges do not rise`() throws {
    let wrong: [[(UInt64, UInt64)]] = [
      [(0, 5)], [(6, 5)], [(1, 5), (5, 9)], [(7, 9), (1, 5)], [(1, .max), (1, .max)],
    ]
    for ranges in wrong { #expect(throws: LedgerError.self, "\(ranges)") { try Checkpoint.read(Self.text(ranges)) } }
    #expect(try Checkpoint.read(Self.text([(1, 5), (6, 9), (20, 20)])).stretches.count == 3)
  }

  @Test(arguments: ["", "{}", #"{"format":"casus-checkpoint/2","journal":"5f","stretches":[]}"#])
  func `is not read from another text`(text: String) {
    #expect(throws: LedgerError.self) { try Checkpoint.read(Array(text.utf8)) }
  }
}
