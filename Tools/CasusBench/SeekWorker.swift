internal import CasusEvents
internal import CasusPlugin
internal import Histogram
internal import SeededRandom

/// A process that begins subscriptions all over the journal, and times each until its first event came.
final class SeekWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let bus: BenchBus

  private typealias Found = (sequence: UInt64, recorded: Timestamp)

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    bus = try BenchBus(order)
  }

  func run() throws {
    try line.say(.ready)
    guard case .go = try line.listen() else { return }
    let seeks = order.plan.growth?.seeks ?? 0
    let figures = try BenchBus.wait { [bus] in try await Self.seek(bus.bus, seeks) }
    try line.say(.sought(figures))
    while case .some = try? line.listen() { break }
  }

  private static func seek(_ bus: Bus, _ seeks: Int) async throws -> SeekFigures {
    var figures = SeekFigures()
    var random = SeededGenerator(seed: 0x5EED_0F_5EEC)
    let (first, last) = try await bus.journal()
    figures.journalEvents = last < first ? 0 : last - first + 1
    guard figures.journalEvents > 0 else { return figures }
    // Behind the last event of the load there may be some of the bus's own.
    for _ in 0..<seeks {
      let sequence = first + random.next() % max(1, figures.journalEvents / 100 * 99)
      let found = try await seek(bus, .sequence(sequence)) { figures.bySequence.record($0) }
      guard found.sequence >= sequence else {
        throw BenchError("from sequence \(sequence) the broker delivered \(found.sequence)")
      }
      let again = try await seek(bus, .time(found.recorded)) { figures.byTime.record($0) }
      guard again.recorded == found.recorded, again.sequence <= found.sequence else {
        throw BenchError("from \(found.recorded.rfc3339) the broker delivered \(again.recorded.rfc3339)")
      }
    }
    return figures
  }

  private static func seek(
    _ bus: Bus, _ start: SubscriptionStart, _ record: (UInt64) -> Void
  ) async throws -> Found {
    let began = steadyNow()
    let stream = try await bus.subscribe(
      Subscription(types: [LoadEvent.type], from: start, windowEvents: 1, windowBytes: 1 << 20))
    var found: Found?
    try await stream.nextBatch()?.read { sequence, recorded, _, _ in found = found ?? (sequence, recorded) }
    record(steadyNow() - began)
    try await stream.cancel()
    guard let found else { throw BenchError("an empty delivery") }
    return found
  }
}
