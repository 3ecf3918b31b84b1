internal import CasusEvents
internal import CasusPlugin
internal import Synchronization
internal import ZeroMQ

/// A process that reads the journal from its beginning while others publish; at its end it begins again.
final class HistoryWorker {
  private let line: OrderLine
  private let bus: BenchBus

  private final class Tally: Sendable {
    struct State {
      var figures = ReadFigures()
      var failure: (any Error)?
    }

    let state = Mutex(State())
  }

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.line = line
    bus = try BenchBus(order)
  }

  func run() throws {
    try line.say(.ready)
    guard case .go(let start, _) = try line.listen() else { return }
    while steadyNow() < start {}
    let tally = Tally()
    let task = Self.start(bus.bus, tally)
    defer { task.cancel() }
    var poller = Poller()
    poller.add(line.socket)
    waiting: while true {
      _ = try poller.wait(for: .milliseconds(100))
      if let failure = tally.state.withLock({ $0.failure }) { throw failure }
      while let order = try line.order() {
        if case .finish = order { break waiting }
        if case .stop = order { return }
      }
    }
    task.cancel()
    var figures = tally.state.withLock { $0.figures }
    figures.cpuSeconds = ProcessFigures.ownCPUSeconds()
    figures.residentMegabytes = ProcessFigures.residentMegabytes(of: nil).peak
    try line.say(.read(figures))
    while case .some = try? line.listen() { break }
  }

  private static func start(_ bus: Bus, _ tally: Tally) -> Task<Void, Never> {
    Task {
      do {
        while true { try await pass(bus, tally) }
      } catch {
        tally.state.withLock { $0.failure = error }
      }
    }
  }

  /// From the journal's beginning to what was its end.
  private static func pass(_ bus: Bus, _ tally: Tally) async throws {
    let stream = try await bus.subscribe(
      Subscription(
        types: [LoadEvent.type], from: .earliest, until: .last, windowEvents: 32_768, windowBytes: 12 << 20))
    var last: UInt64 = 0
    while let batch = try await stream.nextBatch() {
      tally.state.withLock { state in
        batch.read { sequence, _, _, _ in
          if sequence <= last { state.figures.disordered += 1 }
          last = sequence
        }
        state.figures.received["", default: 0] += UInt64(batch.count)
        state.figures.last = steadyNow()
      }
    }
    try await stream.cancel()
  }
}
