internal import CasusEvents
internal import CasusWire
internal import Histogram
internal import ZeroMQ

/// A process that begins subscriptions all over the journal, and times each until its first event came.
final class SeekWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let client: LoadClient
  private var figures = SeekFigures()
  private var subscription = 0
  private var random = Xorshift(seed: 0x5EED_0F_5EEC)

  private typealias Found = (sequence: UInt64, recorded: Timestamp)

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    client = try LoadClient(order, program: "casus-bench")
  }

  func run() throws {
    try line.say(.ready)
    guard case .go = try line.listen() else { return }
    let (first, last) = client.journal
    figures.journalEvents = last < first ? 0 : last - first + 1
    if figures.journalEvents > 0 {
      // Behind the last event of the load there may be some of the bus's own.
      for _ in 0..<(order.plan.growth?.seeks ?? 0) {
        let sequence = first + random.next() % max(1, figures.journalEvents / 100 * 99)
        let found = try seek(.sequence(sequence)) { figures.bySequence.record($0) }
        guard found.sequence >= sequence else {
          throw BenchError("from sequence \(sequence) the broker delivered \(found.sequence)")
        }
        let again = try seek(.time(found.recorded)) { figures.byTime.record($0) }
        guard again.recorded == found.recorded, again.sequence <= found.sequence else {
          throw BenchError("from \(found.recorded.rfc3339) the broker delivered \(again.recorded.rfc3339)")
        }
      }
    }
    try line.say(.sought(figures))
    while case .some = try? line.listen() { break }
  }

  private func seek(_ start: Start, _ record: (UInt64) -> Void) throws -> Found {
    subscription += 1
    let began = steadyNow()
    try client.send(
      .subscribe(
        Subscribe(
          subscription: subscription, types: [LoadEvent.type], start: start, creditEvents: 1,
          creditBytes: 1 << 20)))
    var found: Found?
    while found == nil {
      guard case .deliver = try client.receive() else { continue }
      client.withBatch { batch in
        var reader = DeliverBatchReader(batch)
        if let record = reader.next() { found = (record.sequence, record.recorded) }
      }
    }
    record(steadyNow() - began)
    try client.send(.unsubscribe(Unsubscribe(subscription: subscription)))
    while true { if case .unsubscribed = try client.receive() { break } }
    guard let found else { throw BenchError("an empty delivery") }
    return found
  }
}
