package import CasusEvents
package import CasusWire
import Synchronization

/// The protocol's frames, for the tests of the SDK itself.
extension FakeBroker {
  package struct Heard: Sendable {
    /// Connections are counted from 1; a dropped one makes the next.
    package var connection: Int
    package var command: ClientCommand
    package var events: [[UInt8]]
  }

  package struct Answer: Sendable {
    var reply: BrokerReply
    package var batch: [UInt8]?
    package init(_ reply: BrokerReply, batch: [UInt8]? = nil) {
      self.reply = reply
      self.batch = batch
    }
  }

  package struct Event: Sendable {
    var sequence: UInt64
    var bytes: [UInt8]
    var flags: StampFlags
    var sender: String
    var recorded: Timestamp

    package init(
      sequence: UInt64, bytes: [UInt8], flags: StampFlags = [], sender: String = "xx.exercise/source",
      recorded: Timestamp? = nil
    ) {
      self.sequence = sequence
      self.bytes = bytes
      self.flags = flags
      self.sender = sender
      self.recorded = recorded ?? Timestamp(nanoseconds: Int64(sequence))
    }
  }

  package var heard: [Heard] { state.withLock { $0.heard } }

  package func behave(_ behaviour: @escaping Behaviour) { self.behaviour.withLock { $0 = behaviour } }

  package func send(_ answers: Answer...) {
    state.withLock { $0.toSend += answers }
    ring()
  }

  package func deliver(_ subscription: Int, _ events: [Event], through: UInt64? = nil) {
    send(Self.delivery(subscription, events, through: through))
  }

  package static func delivery(_ subscription: Int, _ events: [Event], through: UInt64? = nil) -> Answer {
    var frame = [UInt8](repeating: 0, count: events.reduce(0) { $0 + DeliverBatchWriter.header + $1.bytes.count })
    var senders: [String] = []
    for event in events where !senders.contains(event.sender) { senders.append(event.sender) }
    frame.withUnsafeMutableBytes { memory in
      var writer = DeliverBatchWriter(memory)
      for event in events {
        event.bytes.withUnsafeBytes {
          writer.append(
            sequence: event.sequence, recorded: event.recorded,
            sender: UInt16(senders.firstIndex(of: event.sender) ?? 0),
            flags: event.flags, event: $0)
        }
      }
    }
    return Answer(
      .deliver(
        Deliver(
          subscription: subscription, count: events.count, senders: senders,
          through: through ?? events.last?.sequence ?? 0)),
      batch: frame)
  }

  package func welcome(
    _ identity: String = "xx.exercise/tester", last: UInt64 = 1_000_000, journal: String = "5f"
  ) -> Answer {
    Answer(
      .welcome(
        Welcome(
          version: 1, broker: "fake", identity: identity, roles: [], publish: [">"], subscribe: [">"],
          limits: limits, heartbeat: heartbeat, journal: journal, first: 1, last: last)))
  }

  /// The first value that is not nil.
  package func wait<R>(_ look: ([Heard]) -> R?) async throws -> R {
    try await waiting(for: "a command, of \(heard.count)", atMost: .seconds(100)) { look(heard) }
  }
}

extension FakeBroker.Heard {
  package var hello: Hello? { if case .hello(let value) = command { value } else { nil } }
  package var publish: Publish? { if case .publish(let value) = command { value } else { nil } }
  package var subscribe: Subscribe? { if case .subscribe(let value) = command { value } else { nil } }
  package var ack: Ack? { if case .ack(let value) = command { value } else { nil } }
  package var nack: Nack? { if case .nack(let value) = command { value } else { nil } }
  package var credit: Credit? { if case .credit(let value) = command { value } else { nil } }
  package var ping: Ping? { if case .ping(let value) = command { value } else { nil } }
  package var bye: Bye? { if case .bye(let value) = command { value } else { nil } }
  package var unsubscribe: Unsubscribe? { if case .unsubscribe(let value) = command { value } else { nil } }
}
