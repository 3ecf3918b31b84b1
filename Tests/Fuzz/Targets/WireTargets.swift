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
      let commands: [ClientCommand] = [
        .hello(
          Hello(
            identity: "jp.nisc/suricata-1", program: "p", version: "1", publishes: ["casus.detection.v1"],
            subscribes: [">"])),
        .publish(Publish(batch: 1, count: 2, replay: true)),
        .subscribe(
          Subscribe(
            subscription: 1, types: ["casus.*.v1"], senders: ["jp.nisc/>"], name: "main", start: .sequence(.max),
            creditEvents: 10, creditBytes: 1000, progress: true)),
        .subscribe(
          Subscribe(
            subscription: 1, types: [">"], start: .time(Timestamp(nanoseconds: 1_786_667_400_250_000_000)),
            creditEvents: 1, creditBytes: 1)),
        .ack(Ack(subscription: 1, through: 7, also: [9, 11])),
        .nack(Nack(subscription: 1, sequences: [8], delay: 100, reason: "r")),
        .credit(Credit(subscription: 1, events: 1, bytes: 1)), .unsubscribe(Unsubscribe(subscription: 1, forget: true)),
        .ping(Ping(state: .degraded, text: "t")), .request(Request(id: 1, what: "status", parameters: ["a": "b"])),
        .bye(Bye(reason: "r")),
      ]
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
      var limits = WireLimits()
      limits.controlBytes = 1 << 24
      let wide = WireDecoder(limits: limits)
      guard let again = frame.withUnsafeBytes({ try? wide.brokerReply($0) }) else {
        fatalError("a reply that was accepted is refused once it is encoded")
      }
      require(again.encoded() == frame, "encoding is not stable")
    },
    seeds: { _ in
      let error = WireError(.schema, "m", pointer: "/data", schema: "urn:x", schemaPointer: "/type")
      let replies: [BrokerReply] = [
        .welcome(
          Welcome(
            version: 1, broker: "b", identity: "a/b", roles: ["replay"], publish: [">"], subscribe: [">"],
            limits: WireLimits(), heartbeat: 1000, first: 1, last: 9)),
        .published(
          Published(
            batch: 1, accepted: 1, first: 5, duplicates: [.init(index: 0, sequence: 3)],
            refused: [.init(index: 2, id: "x", error: error)])),
        .subscribed(Subscribed(subscription: 1, next: 2, acked: 1, last: 9)),
        .deliver(Deliver(subscription: 1, count: 1, senders: ["a/b"], through: 4)),
        .progress(Progress(subscription: 1, through: 4)), .unsubscribed(Unsubscribed(subscription: 1)),
        .pong(Pong(last: 3)), .reply(Reply(id: 1, result: Array(#"{"a":[1,1.5,"x",null,true,{}]}"#.utf8))),
        .error(ErrorReply(error: error, command: "publish", number: 1, fatal: true)), .bye(Bye(reason: "r")),
      ]
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
