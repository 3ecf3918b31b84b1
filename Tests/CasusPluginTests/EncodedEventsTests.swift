import CasusEvents
import CasusWire
import Testing

@testable import CasusPlugin

@Suite struct EncodedEventsTests {
  private let all = (0..<40).map { event("\($0)" + String(repeating: "x", count: $0 * 7)) }

  private func frame(_ events: EncodedEvents, _ places: Range<Int>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: events.size(places))
    bytes.withUnsafeMutableBytes { events.copy(places, to: $0) }
    return bytes
  }

  @Test func `any part is the frame of its events`() throws {
    let events = try encoded(all)
    for start in 0...all.count {
      for end in start...all.count {
        var wanted: [UInt8] = []
        for event in all[start..<end] { PublishBatchWriter.append(event, to: &wanted) }
        #expect(frame(events, start..<end) == wanted)
        #expect(events.fitting(from: start, bytes: wanted.count) >= end - start)
        if end > start { #expect(events.fitting(from: start, bytes: wanted.count - 1) == end - start - 1) }
      }
    }
  }

  @Test func `a draft is encoded in place`() throws {
    let draft = Draft(Note(text: "é"), id: "a", tlp: .green, exercise: true)
    var events = EncodedEvents()
    try events.append(draft, source: "//xx.exercise/tester")
    try events.append(size: 3) { $0.copyBytes(from: [1, 2, 3]) }
    try events.append(draft, source: "//xx.exercise/tester")
    let bytes = try draft.encoded(source: "//xx.exercise/tester")
    #expect(frame(events, 0..<3) == frame(try encoded([bytes, [1, 2, 3], bytes]), 0..<3))
  }

  @Test func `a frame of the outbox file is made in place`() throws {
    var events = try encoded(all)
    let before = frame(events, 0..<all.count)
    try events.beFrame(first: 7, replay: true)
    #expect(frame(events, 0..<all.count) == before)
    let contents = try OutboxFormat.read(OutboxFormat.header("a/b") + events.bytes, identity: "a/b")
    #expect(contents.kept.map(\.event) == all && contents.kept.map(\.number) == Array(7..<47))
    #expect(contents.kept.allSatisfy(\.replay) && contents.next == 47)
  }

  @Test func `batches split a call where the limits are`() throws {
    var outbox = Outbox()
    let group = PublishGroup(count: all.count)
    outbox.append(try encoded(all), replay: false, group: group, index: 0)
    var limits = Limits()
    limits.batchEvents = 7
    limits.batchBytes = 1400
    var sent: [UInt8] = []
    while let batch = outbox.nextBatch(limits, all: true) {
      #expect(batch.count == 1 || batch.count <= limits.batchEvents && batch.bytes <= limits.batchBytes)
      for span in batch.spans { sent += frame(span.events, span.places) }
      if batch.number == 3 { outbox.hold(batch) } else { _ = outbox.take(batch.number) }
      if batch.number == 3 { sent.removeLast(batch.bytes) }
      guard sent.count < 100_000 else { break }
      if batch.number == 3, outbox.isHeld {
        // It comes again under its number; this time it is taken.
        let held = outbox.nextBatch(limits, all: true)
        let again = try #require(held)
        #expect(again.number == 3)
        for span in again.spans { sent += frame(span.events, span.places) }
        _ = outbox.take(3)
      }
    }
    #expect(sent == frame(try encoded(all), 0..<all.count))
    #expect(outbox.isEmpty && outbox.queuedEvents == 0 && outbox.queuedBytes == 0 && outbox.windowUsed == 0)
  }
}
