internal import CasusWire
internal import ZeroMQ

/// A process that reads the journal from its beginning while others publish; at its end it begins again.
final class HistoryWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let client: LoadClient
  private var figures = ReadFigures()
  private var subscription = 0
  /// The last sequence that was seen in this pass.
  private var last: UInt64 = 0
  private var owed = (events: 0, bytes: 0)

  private static let credit = (events: 32_768, bytes: 12 << 20)

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    client = try LoadClient(order, program: "casus-bench")
  }

  func run() throws {
    try line.say(.ready)
    guard case .go(let start, _) = try line.listen() else { return }
    while steadyNow() < start {}
    try begin()
    var poller = Poller()
    poller.add(client.socket)
    poller.add(line.socket)
    waiting: while true {
      _ = try poller.wait(for: .milliseconds(100))
      while let reply = try client.next() { try take(reply) }
      while let order = try line.order() {
        if case .finish = order { break waiting }
        if case .stop = order { return }
      }
    }
    figures.cpuSeconds = ProcessFigures.ownCPUSeconds()
    figures.residentMegabytes = ProcessFigures.residentMegabytes(of: nil).peak
    try line.say(.read(figures))
    while case .some = try? line.listen() { break }
  }

  private func begin() throws {
    subscription += 1
    last = 0
    owed = (0, 0)
    try client.send(
      .subscribe(
        Subscribe(
          subscription: subscription, types: [LoadEvent.type], start: .earliest, creditEvents: Self.credit.events,
          creditBytes: Self.credit.bytes, progress: true)))
  }

  private func take(_ reply: BrokerReply) throws {
    switch reply {
    case .deliver(let deliver) where deliver.subscription == subscription:
      var bytes = 0
      client.withBatch { batch in
        var reader = DeliverBatchReader(batch)
        while let record = reader.next() {
          if record.sequence <= last { figures.disordered += 1 }
          last = record.sequence
          bytes += record.event.count
        }
      }
      figures.received["", default: 0] += UInt64(deliver.count)
      figures.last = steadyNow()
      owed.events += deliver.count
      owed.bytes += bytes
      guard owed.events >= Self.credit.events / 8 || owed.bytes >= Self.credit.bytes / 8 else { return }
      try client.send(.credit(Credit(subscription: subscription, events: owed.events, bytes: owed.bytes)))
      owed = (0, 0)
    case .progress(let progress) where progress.subscription == subscription:
      try client.send(.unsubscribe(Unsubscribe(subscription: subscription)))
      try begin()
    default: break
    }
  }
}
