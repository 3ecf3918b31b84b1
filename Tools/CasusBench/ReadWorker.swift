internal import CasusPlugin
internal import Histogram
internal import Synchronization
internal import ZeroMQ

/// A process that reads everything, checks that nothing is missing, twice or out of order, and acknowledges.
final class ReadWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private let bus: BenchBus
  private let stream: EventStream
  private let tally = ReadTally()

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    let bus = try BenchBus(order)
    self.bus = bus
    let isDurable = order.plan.durable
    stream = try BenchBus.wait {
      let request = Subscription(
        types: [LoadEvent.type], name: isDurable ? "bench" : nil, windowEvents: 32_768, windowBytes: 12 << 20)
      let first = try await bus.bus.subscribe(request)
      guard isDurable, try await first.position().acked < bus.bus.journal().last else { return first }
      // A kept journal, and a position in it, from an earlier measurement.
      try await first.cancel(forget: true)
      return try await bus.bus.subscribe(request)
    }
  }

  func run() throws {
    let task = Task { [stream, tally] in
      do {
        while let batch = try await stream.nextBatch() {
          tally.take(batch)
          stream.ack(upTo: batch.last)
        }
      } catch {
        tally.fail(error)
      }
    }
    defer { task.cancel() }
    try line.say(.ready)
    var poller = Poller()
    poller.add(line.socket)
    var expected: [String: UInt64]?
    while try expected == nil || !tally.has(expected ?? [:]) {
      _ = try poller.wait(for: .milliseconds(expected == nil ? 100 : 5))
      while let order = try line.order() {
        switch order {
        case .finish(let counts): expected = counts
        case .stop: return
        case .work, .go: break
        }
      }
      // What did not come for so long never will.
      if expected != nil, steadyNow() > tally.heard + 20_000_000_000 { break }
    }
    var figures = tally.figures
    for (publisher, count) in expected ?? [:] {
      let received = figures.received[publisher] ?? 0
      if received < count { figures.lost += count - received }
    }
    figures.cpuSeconds = ProcessFigures.ownCPUSeconds()
    figures.residentMegabytes = ProcessFigures.residentMegabytes(of: nil).peak
    try line.say(.read(figures))
    while case .some = try? line.listen() { break }
  }
}

/// What a reader has counted: filled by its task, looked at by its thread. Thread-safe.
final class ReadTally: Sendable {
  private struct State {
    var figures = ReadFigures()
    /// The next number of each publisher.
    var next: [String: UInt64] = [:]
    var heard = steadyNow()
    var failure: (any Error)?
  }

  private let state = Mutex(State())

  var figures: ReadFigures { state.withLock { $0.figures } }
  var heard: UInt64 { state.withLock { $0.heard } }

  func fail(_ error: any Error) { state.withLock { $0.failure = error } }

  /// Whether so many of each publisher are there. Throws what ended the reading.
  func has(_ expected: [String: UInt64]) throws -> Bool {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      return expected.allSatisfy { (state.figures.received[$0.key] ?? 0) >= $0.value }
    }
  }

  func take(_ batch: EventBatch) {
    let now = steadyNow()
    state.withLock { state in
      let senders = batch.senders
      var numbers = senders.map { state.next[$0] ?? 0 }
      var received = senders.map { _ in UInt64(0) }
      batch.read { _, _, sender, event in
        guard let (number, due) = LoadEvent.read(event) else { return }
        if number == numbers[sender] {
          numbers[sender] += 1
          received[sender] += 1
        } else if number < numbers[sender] {
          state.figures.repeated += 1
        } else {
          state.figures.disordered += 1
          numbers[sender] = number + 1
          received[sender] += 1
        }
        state.figures.latencies.record(now > due ? now - due : 0)
      }
      for (place, sender) in senders.enumerated() {
        state.next[sender] = numbers[place]
        state.figures.received[sender, default: 0] += received[place]
      }
      state.figures.last = now
      state.heard = now
    }
  }
}
