import CasusEvents
import CasusPlugin
import CasusWire

/// What a fake broker has heard and what it has to say. A plain value behind the broker's lock.
struct FakeBrokerState: Sendable {
  var heard: [FakeBroker.Heard] = []
  var sequence: UInt64 = 0
  var toSend: [FakeBroker.Answer] = []
  var mustDrop = false
  var mustStop = false
  var connection = 0
  var peer: [UInt8]?

  var published: [RecordedEvent] = []
  var judge: @Sendable (RecordedEvent) -> Refusal? = { _ in nil }
  /// What the test wants delivered.
  var journal: [(stamp: Stamp, bytes: [UInt8], type: String)] = []
  var acknowledged: Set<UInt64> = []
  var handedBack: [(sequence: UInt64, reason: String)] = []
  private var open: [(number: Int, patterns: [TypePattern], sent: Int)] = []

  /// What an ordinary broker answers.
  mutating func answer(_ heard: FakeBroker.Heard, _ broker: FakeBroker) -> [FakeBroker.Answer] {
    switch heard.command {
    case .hello(let hello):
      open = []
      return [broker.welcome(hello.identity)]
    case .publish(let publish): return [.init(.published(take(publish, heard.events)))]
    case .subscribe(let request):
      open.append((request.subscription, request.types.compactMap { TypePattern($0) }, 0))
      let confirmed = Subscribed(subscription: request.subscription, next: 1, acked: 0, last: 0)
      return [.init(.subscribed(confirmed))] + deliveries()
    case .unsubscribe(let request):
      open.removeAll { $0.number == request.subscription }
      return [.init(.unsubscribed(Unsubscribed(subscription: request.subscription)))]
    case .ping: return [.init(.pong(Pong(last: sequence)))]
    case .request(let request): return [.init(.reply(Reply(id: request.id, result: Array("{}".utf8))))]
    case .ack(let ack):
      if let through = ack.through {
        acknowledged.formUnion(journal.map(\.stamp.sequence).filter { $0 <= through && !isHandedBack($0) })
      }
      acknowledged.formUnion(ack.also)
      return []
    case .nack(let nack):
      handedBack += nack.sequences.map { ($0, nack.reason) }
      return []
    case .credit, .bye: return []
    }
  }

  mutating func sendJournal() { toSend += deliveries() }

  private func isHandedBack(_ sequence: UInt64) -> Bool { handedBack.contains { $0.sequence == sequence } }

  private mutating func take(_ publish: Publish, _ events: [[UInt8]]) -> Published {
    var answer = Published(batch: publish.batch, first: sequence + 1)
    for (index, bytes) in events.enumerated() {
      let stamp = Stamp(
        sequence: sequence + 1, recorded: Timestamp(nanoseconds: Int64(sequence + 1)), sender: "", flags: [])
      guard var event = try? RecordedEvent(stamp: stamp, bytes: bytes) else {
        answer.refused.append(.init(index: index, id: nil, error: WireError(.notCloudEvent)))
        continue
      }
      if let refusal = judge(event) {
        let code = WireErrorCode(rawValue: refusal.code) ?? .internal
        let error = WireError(code, refusal.message, pointer: refusal.pointer, schema: refusal.schema)
        answer.refused.append(.init(index: index, id: event.envelope.id, error: error))
        continue
      }
      sequence += 1
      answer.accepted += 1
      var known = stamp
      known.sender = String(event.envelope.source.drop { $0 == "/" })
      event = (try? RecordedEvent(stamp: known, bytes: bytes)) ?? event
      published.append(event)
    }
    return answer
  }

  /// What each open subscription asked for and has not been sent.
  private mutating func deliveries() -> [FakeBroker.Answer] {
    var answers: [FakeBroker.Answer] = []
    for index in open.indices {
      for (stamp, bytes, type) in journal[open[index].sent...]
      where open[index].patterns.contains(where: { $0.matches(type) }) {
        let event = FakeBroker.Event(
          sequence: stamp.sequence, bytes: bytes, flags: stamp.flags, sender: stamp.sender, recorded: stamp.recorded)
        answers.append(FakeBroker.delivery(open[index].number, [event]))
      }
      open[index].sent = journal.count
    }
    return answers
  }
}
