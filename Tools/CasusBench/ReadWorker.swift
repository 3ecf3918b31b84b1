internal import CasusWire
internal import Histogram
internal import ZeroMQ

/// A process that reads everything, checks that nothing is missing, twice or out of order, and acknowledges.
final class ReadWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let client: LoadClient
  /// A reference, so that the histogram in it is never copied.
  private let tally = Tally()
  /// The next number of each publisher.
  private var next: [String: UInt64] = [:]
  private var owedEvents = 0
  private var owedBytes = 0
  /// What is to be acknowledged.
  private var through: UInt64?
  /// Steady time.
  private var nextAcknowledgement: UInt64 = 0

  private static let pause = Duration.milliseconds(2)
  private static let credit = (events: 32_768, bytes: 12 << 20)

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    client = try LoadClient(order, program: "casus-bench")
    guard try subscribe() else { return }
    // A kept journal, and a position in it, from an earlier measurement.
    try client.send(.unsubscribe(Unsubscribe(subscription: 1, forget: true)))
    while true { if case .unsubscribed = try client.receive() { break } }
    guard try !subscribe() else { throw BenchError("the broker does not forget the position of \(order.identity)") }
  }

  /// True when the subscription began before what this measurement publishes.
  private func subscribe() throws -> Bool {
    try client.send(
      .subscribe(
        Subscribe(
          subscription: 1, types: [LoadEvent.type], name: order.plan.durable ? "bench" : nil, start: .latest,
          creditEvents: Self.credit.events, creditBytes: Self.credit.bytes)))
    guard case .subscribed(let subscribed) = try client.receive() else {
      throw BenchError("the broker does not subscribe \(order.identity)")
    }
    // The bus's own events, of which there may be some meanwhile, are not matched.
    return subscribed.next <= client.journal.last
  }

  func run() throws {
    try line.say(.ready)
    var poller = Poller()
    poller.add(client.socket)
    poller.add(line.socket)
    var expected: [String: UInt64]?
    var heard = steadyNow()
    while expected == nil || !isComplete(expected ?? [:]) {
      _ = try poller.wait(for: through == nil ? .milliseconds(100) : Self.pause)
      while let reply = try client.next() {
        guard case .deliver(let deliver) = reply else { continue }
        take(deliver)
        heard = steadyNow()
        if isDue { try acknowledge() }
      }
      if steadyNow() >= nextAcknowledgement { try acknowledge() }
      while let order = try line.order() {
        switch order {
        case .finish(let counts): expected = counts
        case .stop: return
        case .work, .go: break
        }
      }
      // What did not come for so long never will.
      if expected != nil, steadyNow() > heard + 20_000_000_000 { break }
    }
    for (publisher, count) in expected ?? [:] {
      let received = tally.figures.received[publisher] ?? 0
      if received < count { tally.figures.lost += count - received }
    }
    tally.figures.cpuSeconds = ProcessFigures.ownCPUSeconds()
    tally.figures.residentMegabytes = ProcessFigures.residentMegabytes(of: nil).peak
    try line.say(.read(tally.figures))
    while case .some = try? line.listen() { break }
  }

  private func isComplete(_ expected: [String: UInt64]) -> Bool {
    expected.allSatisfy { (tally.figures.received[$0.key] ?? 0) >= $0.value }
  }

  private func take(_ deliver: Deliver) {
    let now = steadyNow()
    var bytes = 0
    let senders = deliver.senders
    var numbers = senders.map { next[$0] ?? 0 }
    var received = senders.map { _ in UInt64(0) }
    let tally = self.tally
    client.withBatch { batch in
      var reader = DeliverBatchReader(batch)
      while let record = reader.next() {
        guard let (number, due) = LoadEvent.read(record.event) else { continue }
        bytes += record.event.count
        let place = record.sender
        if number == numbers[place] {
          numbers[place] += 1
          received[place] += 1
        } else if number < numbers[place] {
          tally.figures.repeated += 1
        } else {
          tally.figures.disordered += 1
          numbers[place] = number + 1
          received[place] += 1
        }
        tally.figures.latencies.record(now > due ? now - due : 0)
      }
    }
    for (place, sender) in senders.enumerated() {
      next[sender] = numbers[place]
      tally.figures.received[sender, default: 0] += received[place]
    }
    tally.figures.last = now
    owedEvents += deliver.count
    owedBytes += bytes
    through = deliver.through
  }

  private var isDue: Bool { owedEvents >= Self.credit.events / 8 || owedBytes >= Self.credit.bytes / 8 }

  /// For all that has come since the last one, as the SDK does, not for each delivery: a broker under load hears as many
  /// messages of each peer, so that a reader which answers each of its own falls behind several publishers.
  private func acknowledge() throws {
    guard let through else { return }
    if order.plan.durable { try client.send(.ack(Ack(subscription: 1, through: through))) }
    self.through = nil
    nextAcknowledgement = steadyNow() + UInt64(Self.pause / .nanoseconds(1))
    guard isDue else { return }
    try client.send(.credit(Credit(subscription: 1, events: owedEvents, bytes: owedBytes)))
    owedEvents = 0
    owedBytes = 0
  }
}

private final class Tally {
  var figures = ReadFigures()
}
