import CasusEvents
import CasusPlugin
import CasusReplay
import CasusWire
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CasusJournal

@Suite("Captures and replays")
struct ReplayTests {
  static func events(_ range: ClosedRange<UInt64>) -> [CapturedEvent] {
    range.map { sequence in
      CapturedEvent(
        stamp: Stamp(
          sequence: sequence, recorded: Exercise.recorded(sequence), sender: Exercise.sender(sequence),
          flags: Exercise.flags(sequence)),
        type: Exercise.type(sequence), published: Timestamp(nanoseconds: 1_000_000_000),
        bytes: Exercise.event(sequence))
    }
  }

  static func all(_ reader: CaptureReader) throws -> [CapturedEvent] {
    var events: [CapturedEvent] = []
    while let event = try reader.next() { events.append(event) }
    return events
  }

  static func capture(_ events: [CapturedEvent], _ path: String, flushes: Bool = false) throws {
    let description = CaptureDescription(broker: "EXERCISE", program: "test", notes: ["why": "a test"])
    let capture = try Capture(creating: path, description) { Exercise.schema($0) }
    for (index, event) in events.enumerated() {
      try capture.append(event)
      if flushes, index % 10 == 9 { try capture.flush() }
    }
    if !flushes { try capture.finish() }
  }

  @Test
  func `a capture gives back what was captured, with its description`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/a.mcap"
    // Sequences beyond 32 bits, with gaps, as a filter leaves them.
    let events =
      Self.events(5...60) + Self.events(0xFFFF_FFF0...0x1_0000_0010) + Self.events(0x2_0000_0000...0x2_0000_0003)
    try Self.capture(events, path)
    let reader = try CaptureReader(path)
    #expect(try Self.all(reader) == events)
    #expect(reader.cuts.isEmpty && reader.count == UInt64(events.count))
    #expect(reader.metadata["broker"] == "EXERCISE" && reader.metadata["why"] == "a test")
    if let read = try pythonReads([path]) { #expect(read.first?["indexed"] as? Int == events.count) }
  }

  @Test(arguments: [true, false])
  func `a journal's folder and its single segments are read the same way, closed or not`(closed: Bool) throws {
    let folder = TemporaryFolder()
    let journal = try FileJournal.open(folder.journal, options: options { $0.segmentBytes = 3000 })
    try Exercise.fill(journal, commits: 50, of: 4)
    if closed { try journal.close() }
    let reader = try CaptureReader(folder.journal)
    #expect(try Self.all(reader) == Self.events(1...200))
    #expect(reader.cuts.count == (closed ? 0 : 1) && reader.cuts.allSatisfy { $0.bytes == 0 })
    var sum = 0
    for path in try segments(folder.journal) { sum += try Self.all(CaptureReader(path)).count }
    #expect(sum == 200)
  }

  @Test
  func `a capture that was cut gives what is whole and says where it ends; a damaged one is refused`() throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/a.mcap"
    try Self.capture(Self.events(1...100), path, flushes: true)
    let whole = try bytes(path)
    let reader = try CaptureReader(path)
    #expect(try Self.all(reader) == Self.events(1...100))
    #expect(reader.cuts.count == 1 && reader.cuts[0].bytes == 0)
    for length in stride(from: whole.count - 1, to: 400, by: -101) {
      try write(Array(whole[..<length]), path)
      let reader = try CaptureReader(path)
      let found = try Self.all(reader)
      #expect(found == Array(Self.events(1...100).prefix(found.count)) && found.count % 10 == 0)
      #expect(reader.cuts.count == 1)
    }
    var copy = whole
    copy[whole.count / 2] ^= 1
    try write(copy, path)
    #expect(throws: CaptureError.self) { try Self.all(CaptureReader(path)) }
    #expect(throws: CaptureError.self) { try CaptureReader("\(folder.path)/none.mcap") }
    #expect(throws: CaptureError.self) { try CaptureReader(folder.path + "/journal") }
    try write(Array("something else".utf8), path)
    #expect(throws: CaptureError.self) { try Self.all(CaptureReader(path)) }
  }

  @Test(arguments: [
    ("max", ReplayRate.max), ("1", .original(factor: 1)), ("0.5", .original(factor: 0.5)),
    ("10x", .original(factor: 10)), ("200/s", .perSecond(200)), ("0", nil), ("-1", nil), ("fast", nil), ("", nil),
    ("inf", nil), ("x", nil), ("/s", nil), ("nan", nil),
  ])
  func `a rate is read from what a person writes`(text: String, rate: ReplayRate?) { #expect(ReplayRate(text) == rate) }

  /// The batches of a plan over events, all of them.
  static func batches(_ plan: ReplayPlan, _ events: [CapturedEvent]) -> [ReplayBatch] {
    var schedule = ReplaySchedule(plan)
    var batches = events.compactMap { schedule.add($0) }
    if let last = schedule.finish() { batches.append(last) }
    return batches
  }

  @Test
  func `a schedule keeps the original distances, divided by the factor, and the order`() {
    var plan = ReplayPlan()
    // The exercise's events are a millisecond apart.
    let events = Self.events(1...100)
    for factor in [0.5, 1, 4] {
      plan.rate = .original(factor: factor)
      let batches = Self.batches(plan, events)
      #expect(batches.flatMap(\.events) == events)
      for batch in batches {
        let distance = Double(batch.events[0].stamp.sequence - 1) / factor
        #expect(abs(batch.due / Duration.milliseconds(1) - distance) < 0.001)
      }
    }
    plan.rate = .perSecond(10)
    #expect(Self.batches(plan, events).last.map { $0.due > .seconds(9) && $0.due < .seconds(10) } == true)
    plan.rate = .max
    plan.maxBatchEvents = 30
    #expect(Self.batches(plan, events).map(\.events.count) == [30, 30, 30, 10])
    #expect(Self.batches(plan, events).allSatisfy { $0.due == .zero })
    plan.maxBatchBytes = 1
    #expect(Self.batches(plan, events).count == 100)
  }

  @Test
  func `a clock that went back makes no replay wait, and one that went wrong does not crash it`() {
    var events = Self.events(1...4)
    events[1].stamp.recorded = Timestamp(nanoseconds: .min)
    events[2].stamp.recorded = Timestamp(nanoseconds: .max)
    let batches = Self.batches(ReplayPlan(), events)
    #expect(batches.flatMap(\.events).count == 4)
    #expect(zip(batches, batches.dropFirst()).allSatisfy { $0.due <= $1.due })
  }

  @Test
  func `a plan picks by type, sender, sequence and time, and leaves the bus's own events out`() throws {
    var events = Self.events(1...60)
    events[9].type = EventType("casus.bus.joined.v1")
    func played(_ change: (inout ReplayPlan) -> Void) -> [UInt64] {
      var plan = ReplayPlan()
      change(&plan)
      return events.filter(plan.wants).map(\.stamp.sequence)
    }
    #expect(played { _ in } == (1...60).filter { $0 != 10 })
    #expect(played { $0.without = [] } == Array(1...60))
    let detections = try #require(TypePattern("casus.detection.*"))
    #expect(played { $0.types = [detections] } == (1...60).filter { $0 % 2 == 0 && $0 != 10 })
    #expect(played { $0.senders = ["us.cisa/*"] } == (1...60).filter { $0 % 3 == 1 && $0 != 10 })
    #expect(played { $0.senders = ["us.cisa/zeek"] }.isEmpty)
    #expect(played { $0.sequences = 5...12 } == [5, 6, 7, 8, 9, 11, 12])
    #expect(
      played {
        $0.from = Exercise.recorded(20)
        $0.until = Exercise.recorded(23)
      } == [20, 21, 22])
  }

  @Test
  func `a replay publishes in order, at its pace, and counts what became of each event`() async throws {
    let folder = TemporaryFolder()
    let path = "\(folder.path)/a.mcap"
    try Self.capture(Self.events(1...100), path)
    var plan = ReplayPlan()
    plan.rate = .original(factor: 10)
    var published: [[UInt8]] = []
    let refusal = Refusal(code: 303, name: "schema", message: "EXERCISE")
    let clock = ContinuousClock()
    var report = ReplayReport()
    let time = try await clock.measure {
      report = try await plan.run(try CaptureReader(path)) { events in
        published += events
        return events.map { event in
          event.count % 7 == 0 ? .refused(refusal) : .accepted(sequence: 1, duplicate: false, durability: "disk")
        }
      }
    }
    #expect(published == Self.events(1...100).map(\.bytes))
    #expect(time >= .milliseconds(9.5))
    #expect(report.played == 100 && report.accepted + (report.refused["schema"] ?? 0) == 100)
    #expect(!report.examples.isEmpty && report.examples.count <= 20 && report.skipped == 0)
  }

  @Test
  func `two runs are compared by identity and digest`() throws {
    let folder = TemporaryFolder()
    let (first, second) = ("\(folder.path)/a.mcap", "\(folder.path)/b.mcap")
    let events = Self.events(1...50)
    try Self.capture(events, first)
    // The same events under other sequences and senders' flags are the same run.
    var other = events
    for index in other.indices {
      other[index].stamp.sequence += 1000
      other[index].stamp.flags.insert(.replayed)
    }
    try Self.capture(other, second)
    #expect(try GoldenComparison.compare(CaptureReader(first), CaptureReader(second)).isSame)

    other[3].bytes = Array(String(decoding: other[3].bytes, as: UTF8.self).replacing("EXERCISE", with: "exercise").utf8)
    other.swapAt(20, 21)
    (other[20].stamp.sequence, other[21].stamp.sequence) = (other[21].stamp.sequence, other[20].stamp.sequence)
    other.removeLast()
    other.append(contentsOf: Self.events(2000...2001))
    try FileManager.default.removeItem(atPath: second)
    try Self.capture(other, second)
    let report = try GoldenComparison.compare(CaptureReader(first), CaptureReader(second))
    #expect(!report.isSame && report.same == 48)
    #expect(report.changed.map(\.first.sequence) == [4] && report.changedCount == 1)
    #expect(report.onlyInFirst.map(\.sequence) == [50] && report.onlyInSecond.map(\.sequence) == [2000, 2001])
    #expect(report.reordered?.id == "e-21")
  }
}
