import CasusEvents
import CasusWire
import IJSON

/// A batch frame with the count that its control frame promises, and what it holds or what is wrong with it.
struct SampleBatch {
  let op: String
  let count: Int
  let frame: [UInt8]
  /// Nil when it is in order.
  let fault: String?

  static let senders = ["jp.nisc/suricata-1", "us.cisa/correlator-1"]

  static let all =
    [
      publish(events: []), publish(events: [""]), publish(events: ["{}", "", #"{"a":"日"}"#]),
      publish(events: ["{}"], count: 2, fault: "one record fewer than promised"),
      publish(events: ["{}", "{}"], count: 1, fault: "one record more than promised"),
      publish(events: ["{}"], count: 0, fault: "a record though none is promised"),
      SampleBatch(op: "publish", count: 1, frame: [], fault: "an empty frame though a record is promised"),
      SampleBatch(op: "publish", count: 1, frame: [2, 0, 0], fault: "a length that is cut short"),
      SampleBatch(op: "publish", count: 1, frame: [3, 0, 0, 0, 0x7b, 0x7d], fault: "an event that is cut short"),
      SampleBatch(op: "publish", count: 1, frame: [0xff, 0xff, 0xff, 0xff, 0x7b, 0x7d], fault: "a length of 4 GiB"),
      SampleBatch(op: "publish", count: 1, frame: [2, 0, 0, 0, 0x7b, 0x7d, 0], fault: "a byte after the last record"),
      SampleBatch(op: "publish", count: 1, frame: [0, 0, 0, 2, 0x7b, 0x7d], fault: "a length in network byte order"),
      deliver(records: []), deliver(records: records),
      deliver(records: records, count: 3, fault: "one record fewer than promised"),
      deliver(records: records, count: 1, fault: "one record more than promised"),
      deliver(
        records: [Record(sequence: 5, recorded: 0, sender: 2, flags: [], event: "{}")],
        fault: "a sender that is not listed"),
    ] + cuts

  private struct Record {
    var sequence: UInt64
    var recorded: Int64
    var sender: UInt16
    var flags: StampFlags
    var event: String
  }

  private static let records = [
    Record(
      sequence: .max, recorded: .min, sender: 1, flags: [.replayed, .exercise, .redelivered, .descends],
      event: #"{"a":"日"}"#),
    Record(
      sequence: 1, recorded: 1_786_667_400_250_000_000, sender: 0, flags: StampFlags(rawValue: 4 << 8), event: ""),
  ]

  /// A header or an event that ends too early, at each kind of place.
  private static var cuts: [SampleBatch] {
    let whole = deliver(records: Array(records.suffix(1))).frame
    return [1, 8, 16, 18, 20, 23].map {
      SampleBatch(
        op: "deliver", count: 1, frame: Array(whole.prefix($0)), fault: "a header of \($0) bytes instead of 24")
    }
  }

  private static func publish(events: [String], count: Int? = nil, fault: String? = nil) -> SampleBatch {
    var frame: [UInt8] = []
    for event in events { PublishBatchWriter.append(Array(event.utf8), to: &frame) }
    return SampleBatch(op: "publish", count: count ?? events.count, frame: frame, fault: fault)
  }

  private static func deliver(records: [Record], count: Int? = nil, fault: String? = nil) -> SampleBatch {
    let size = records.reduce(0) { $0 + DeliverBatchWriter.header + $1.event.utf8.count }
    var frame = [UInt8](repeating: 0, count: size)
    frame.withUnsafeMutableBytes { bytes in
      var writer = DeliverBatchWriter(bytes)
      for record in records {
        Array(record.event.utf8).withUnsafeBytes {
          writer.append(
            sequence: record.sequence, recorded: Timestamp(nanoseconds: record.recorded), sender: record.sender,
            flags: record.flags, event: $0)
        }
      }
    }
    return SampleBatch(op: "deliver", count: count ?? records.count, frame: frame, fault: fault)
  }

  /// Whether a reader finds what the control frame promises.
  var isWhole: Bool {
    frame.withUnsafeBytes { bytes in
      guard op == "deliver" else { return PublishBatchReader.holds(count, in: bytes) }
      var reader = DeliverBatchReader(bytes)
      for _ in 0..<count {
        guard let record = reader.next(), record.sender < Self.senders.count else { return false }
      }
      return reader.isAtEnd
    }
  }

  func writeMeaning(into writer: inout JSONWriter) {
    frame.withUnsafeBytes { bytes in
      if op == "publish" {
        var reader = PublishBatchReader(bytes)
        writer.array("events") { writer in
          while let event = reader.next() { writer.string(String(decoding: event, as: UTF8.self)) }
        }
        return
      }
      writer.array("senders") { writer in for sender in Self.senders { writer.string(sender) } }
      var reader = DeliverBatchReader(bytes)
      writer.array("records") { writer in
        while let record = reader.next() {
          writer.object {
            $0.string("sequence", String(record.sequence))
            $0.string("recorded", String(record.recorded.nanoseconds))
            $0.string("sender", Self.senders[record.sender])
            $0.bool("replayed", record.flags.contains(.replayed))
            $0.bool("exercise", record.flags.contains(.exercise))
            $0.bool("redelivered", record.flags.contains(.redelivered))
            $0.bool("descends", record.flags.contains(.descends))
            if let marking = record.flags.marking { $0.string("tlp", marking.rawValue) }
            $0.string("event", String(decoding: record.event, as: UTF8.self))
          }
        }
      }
    }
  }
}
