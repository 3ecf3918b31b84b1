import CasusEvents
import CasusWire
import Testing

@Suite struct Batches {
  @Test func `a batch cut anywhere is not whole`() {
    var frame: [UInt8] = []
    for event in ["", "{}", "abc"] { PublishBatchWriter.append(Array(event.utf8), to: &frame) }
    for length in 0..<frame.count {
      frame[..<length].withUnsafeBytes { #expect(!PublishBatchReader.holds(3, in: $0)) }
    }
    frame.withUnsafeBytes { bytes in
      #expect(PublishBatchReader.holds(3, in: bytes))
      #expect(!PublishBatchReader.holds(2, in: bytes))
      #expect(!PublishBatchReader.holds(4, in: bytes))
    }
  }

  @Test func `a length beyond the frame is no record`() {
    let frame: [UInt8] = [0xff, 0xff, 0xff, 0xff, 1, 2, 3]
    frame.withUnsafeBytes { bytes in
      var reader = PublishBatchReader(bytes)
      #expect(reader.next() == nil)
    }
  }

  @Test func `delivered records read back`() {
    let event = Array("event".utf8)
    var frame = [UInt8](repeating: 0, count: 2 * (DeliverBatchWriter.header + event.count))
    frame.withUnsafeMutableBytes { bytes in
      var writer = DeliverBatchWriter(bytes)
      for sequence in [UInt64.max - 1, .max] {
        event.withUnsafeBytes {
          writer.append(
            sequence: sequence, recorded: Timestamp(nanoseconds: -5), sender: 7, flags: [.replayed, .exercise],
            event: $0)
        }
      }
    }
    frame.withUnsafeBytes { bytes in
      var reader = DeliverBatchReader(bytes)
      let first = reader.next()
      #expect(first?.sequence == UInt64.max - 1)
      #expect(first?.recorded.nanoseconds == -5)
      #expect(first?.sender == 7)
      #expect(first?.flags == [.replayed, .exercise])
      #expect(first.map { Array($0.event) } == event)
      #expect(reader.next()?.sequence == UInt64.max)
      #expect(reader.next() == nil)
    }
  }
}
