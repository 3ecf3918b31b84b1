import CasusEvents
import CasusWire

extension FuzzTarget {
  /// What a client's control frame decodes to, encoded, decodes to the same.
  static let clientFrame = FuzzTarget(
    name: "client-frame", dictionary: "json", maxBytes: 8192,
    check: { bytes in
      let decoder = WireDecoder()
      guard let command = try? decoder.clientCommand(bytes) else { return }
      let frame = command.encoded()
      guard let again = frame.withUnsafeBytes({ try? decoder.clientCommand($0) }) else {
        fatalError("a command that was accepted is refused once it is encoded")
      }
      require(again.encoded() == frame, "encoding is not stable")
    },
    seeds: { _ in
      var random = SystemRandomNumberGenerator()
      let commands: [ClientCommand] = (0..<3).flatMap { _ in ClientCommand.samples(using: &random) }
      return commands.map { $0.encoded() }
    })

  /// The same of a broker's frames, as a client reads them.
  static let brokerFrame = FuzzTarget(
    name: "broker-frame", dictionary: "json", maxBytes: 8192,
    check: { bytes in
      let decoder = WireDecoder()
      guard let reply = try? decoder.brokerReply(bytes) else { return }
      let frame = reply.encoded()
      // A number may be written longer than it was read (1e300), so the limit of a frame's size is no part of this.
      let wide = WireDecoder(mostBytes: 1 << 24)
      guard let again = frame.withUnsafeBytes({ try? wide.brokerReply($0) }) else {
        fatalError("a reply that was accepted is refused once it is encoded")
      }
      require(again.encoded() == frame, "encoding is not stable")
    },
    seeds: { _ in
      var random = SystemRandomNumberGenerator()
      let replies: [BrokerReply] = (0..<3).flatMap { _ in BrokerReply.samples(using: &random) }
      return replies.map { $0.encoded() }
    })

  /// A publish batch read and written again is the same bytes, as far as it could be read.
  static let publishBatch = FuzzTarget(
    name: "publish-batch",
    check: { bytes in
      var reader = PublishBatchReader(bytes)
      var frame: [UInt8] = []
      var count = 0
      while let event = reader.next() {
        require(event.isEmpty || bytes.contains(event), "an event stands outside its frame")
        PublishBatchWriter.append(Array(event), to: &frame)
        count += 1
      }
      require(bytes.prefix(frame.count).elementsEqual(frame), "the records differ once they are written again")
      require(PublishBatchReader.holds(count, in: bytes) == (frame.count == bytes.count), "the count differs")
      require(!PublishBatchReader.holds(count + 1, in: bytes), "one record more than there are")
    },
    seeds: { given in
      var frame: [UInt8] = []
      for event in given.prefix(2) { PublishBatchWriter.append(event, to: &frame) }
      PublishBatchWriter.append([], to: &frame)
      return [frame, [1, 0, 0, 0, 0x7B], [0xFF, 0xFF, 0xFF, 0xFF]]
    })

  /// The same of a deliver batch, with its stamps.
  static let deliverBatch = FuzzTarget(
    name: "deliver-batch",
    check: { bytes in
      var reader = DeliverBatchReader(bytes)
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
      defer { copy.deallocate() }
      var writer = DeliverBatchWriter(copy)
      while let record = reader.next() {
        require(record.event.isEmpty || bytes.contains(record.event), "an event stands outside its frame")
        require((0...0xFFFF).contains(record.sender), "a sender's index is no u16")
        writer.append(
          sequence: record.sequence, recorded: record.recorded, sender: UInt16(record.sender), flags: record.flags,
          event: record.event)
      }
      require(
        bytes.prefix(writer.written).elementsEqual(copy.prefix(writer.written)), "the records differ when written again"
      )
      require(reader.isAtEnd == (writer.written == bytes.count), "the end is not where the records end")
    },
    seeds: { _ in
      let events: [[UInt8]] = [Array("{}".utf8), []]
      let size = events.reduce(0) { $0 + $1.count + DeliverBatchWriter.header }
      let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
      defer { frame.deallocate() }
      var writer = DeliverBatchWriter(frame)
      for (number, event) in events.enumerated() {
        event.withUnsafeBytes {
          writer.append(
            sequence: UInt64(number) + 1, recorded: Timestamp(nanoseconds: 5), sender: 1, flags: .exercise, event: $0)
        }
      }
      return [Array(frame)]
    })
}

extension UnsafeRawBufferPointer {
  fileprivate func contains(_ part: UnsafeRawBufferPointer) -> Bool {
    guard let mine = baseAddress, let theirs = part.baseAddress else { return false }
    return theirs >= mine && theirs + part.count <= mine + count
  }
}
