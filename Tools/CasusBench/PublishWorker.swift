internal import CasusEvents
internal import CasusPlugin
internal import DequeModule
internal import Histogram
internal import SystemFiles
internal import ZeroMQ

/// A process that publishes with the SDK and waits for acknowledgements, call over call.
final class PublishWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let bus: Bus
  private let event: LoadEvent
  private var figures = PublishFigures()
  private var number: UInt64 = 0
  /// What was handed over and not answered: its events' due times.
  private var waiting: Deque<Batch> = []
  private let bell: WakeUp
  private var toldAt: UInt64 = 0
  private let repeats: Bool

  private struct Batch {
    let group: PublishGroup
    var first: UInt64
    var count: Int
    /// When it was sent, for a run without a rate: then every event was due at that moment.
    var sent: UInt64
    /// The same events were sent before: all of them are duplicates.
    var isRepeat = false
  }

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    repeats = order.plan.growth?.repeats ?? false
    bell = try WakeUp()
    bus = try BenchBus(order, schemas: [EventSchema(EventType(LoadEvent.type), LoadEvent.schema)]).bus
    event = LoadEvent(source: "//\(order.identity)", size: order.plan.size)
  }

  func run() throws {
    try line.say(.ready)
    guard case .go(let start, let end) = try line.listen() else { return }
    while steadyNow() < start {}
    try publish(start, end)
    figures.cpuSeconds = ProcessFigures.ownCPUSeconds()
    figures.residentMegabytes = ProcessFigures.residentMegabytes(of: nil).peak
    try line.say(.published(figures))
    // The broker's word that this one left is no part of the measurement.
    while case .some = try? line.listen() { break }
  }

  private func publish(_ start: UInt64, _ end: UInt64) throws {
    var poller = Poller()
    poller.add(fileDescriptor: bell.fileDescriptor)
    let timer = order.rate > 0 ? try Timer() : nil
    if let timer { poller.add(fileDescriptor: timer.fileDescriptor) }
    let size = order.plan.fittingBatch
    var heard = start
    while true {
      var now = steadyNow()
      while waiting.count < order.plan.inFlight, now < end, number < order.events {
        let due = order.rate > 0 ? self.due(now, start) : size
        if due == 0 { break }
        let count = min(size, due, Int(clamping: order.events - number))
        try send(number, count, now, start)
        if repeats { try send(number, count, now, start, isRepeat: true) }
        number += UInt64(count)
        now = steadyNow()
      }
      if now >= end || number >= order.events, waiting.isEmpty { return }
      _ = try poller.wait(for: pause(now, start, end, timer))
      bell.clear()
      while let batch = waiting.first, let answer = batch.group.result {
        waiting.removeFirst()
        heard = steadyNow()
        take(try answer.get(), of: batch, at: heard, start)
      }
      now = steadyNow()
      if now > toldAt + 100_000_000 {
        toldAt = now
        try line.say(.progress(figures.accepted))
      }
      if waiting.isEmpty { heard = now }
      if now > heard + 30_000_000_000 { throw BenchError("no acknowledgement for 30 s, \(waiting.count) batches wait") }
    }
  }

  /// Events that should have been sent by now and were not.
  private func due(_ now: UInt64, _ start: UInt64) -> Int {
    let planned = UInt64(Double(now - start) / 1e9 * order.rate) + 1
    return planned > number ? Int(planned - number) : 0
  }

  private func moment(_ number: UInt64, _ start: UInt64) -> UInt64 {
    start + UInt64(Double(number) / order.rate * 1e9)
  }

  private func pause(_ now: UInt64, _ start: UInt64, _ end: UInt64, _ timer: Timer?) -> Duration? {
    guard let timer, waiting.count < order.plan.inFlight, now < end else {
      // One that has gone off would keep the poll from waiting.
      timer?.set(now + 100_000_000)
      return .milliseconds(100)
    }
    let next = moment(number, start)
    // The last stretch is spent looking, as a sleeper wakes up late.
    guard next > now + 200_000 else { return .zero }
    timer.set(min(next - 100_000, now + 100_000_000))
    return .milliseconds(200)
  }

  private func send(
    _ first: UInt64, _ count: Int, _ now: UInt64, _ start: UInt64, isRepeat: Bool = false
  ) throws {
    var events = EncodedEvents(events: count, eventBytes: event.size)
    for number in first..<(first + UInt64(count)) {
      let due = order.rate > 0 ? moment(number, start) : now
      try events.append(size: event.size) { event.write(number, due: due, into: $0) }
    }
    let group = bus.post(events) { [bell] in bell.ring() }
    waiting.append(Batch(group: group, first: first, count: count, sent: now, isRepeat: isRepeat))
  }

  private func take(_ runs: [PublishRun], of batch: Batch, at now: UInt64, _ start: UInt64) {
    for run in runs {
      switch run.fate {
      case .accepted: figures.accepted += UInt64(run.places.count)
      case .outcome(.accepted): if batch.isRepeat { figures.duplicates += 1 } else { figures.refused += 1 }
      case .outcome(.refused(let refusal)):
        figures.refused += 1
        figures.firstRefusal = figures.firstRefusal ?? "\(refusal.name): \(refusal.message)"
      }
    }
    figures.last = now
    if order.rate > 0 {
      for number in batch.first..<(batch.first + UInt64(batch.count)) {
        let due = moment(number, start)
        figures.latencies.record(now > due ? now - due : 0)
      }
    } else {
      figures.latencies.record(now - batch.sent, count: UInt64(batch.count))
    }
  }
}
