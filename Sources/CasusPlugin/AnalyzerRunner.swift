import CasusEvents
import CasusWire
import Logging
import SystemFiles

/// Runs an analyzer on a bus: history first, with outputs suppressed, then live.
struct AnalyzerRunner<A: Analyzer> {
  /// An event that was handled, and its outputs on their way.
  private struct Handled: Sendable {
    var sequence: UInt64
    var types: [EventType]
    var outputs: PublishGroup
  }

  private var analyzer: A
  /// Until its note is looked at again.
  private var untouched = 0
  private var lookAgain = ContinuousClock.now
  /// So many events, or so long, lie at most between two looks at the analyzer's note, where events come.
  private static var noteEvery: Int { 64 }
  private static var notePause: Duration { .seconds(1) }
  /// Where a checkpointed analyzer's state is kept; nil for one that keeps none.
  private let settings: Settings?
  private var checkpoint: CheckpointFile?
  /// The last event that was handled, and how many since the last checkpoint.
  private var handled: (last: UInt64, since: Int) = (0, 0)
  /// Events that could not be processed and have not been since, and how often they were tried: as long as one comes again, the state
  /// is not one that reading again leads to.
  private var failed: [UInt64: Int] = [:]
  /// What was folded at the start of what the broker may send again.
  private var folded: ClosedRange<UInt64>?
  /// So many events lie between two checkpoints, and so many at least behind the last one when the program ends.
  private let pace: (every: Int, atEnd: Int)
  private let health: AnalyzerHealth
  private let bus: Bus
  /// The name of the one durable subscription that an analyzer has.
  static var subscription: String { "analyzer" }
  /// After so many the broker puts an event into quarantine.
  private static var attempts: Int { Subscribe.defaultMaxAttempts }

  /// - Parameter settings: where state may be kept; without any none is.
  init(
    _ analyzer: A, _ bus: Bus, _ settings: Settings? = nil, pace: (every: Int, atEnd: Int) = (100_000, 1_000)
  ) {
    self.analyzer = analyzer
    self.pace = pace
    self.bus = bus
    self.settings = settings
    health = AnalyzerHealth(bus)
  }

  consuming func run() async throws {
    let types = A.manifest.subscribes
    let stream = bus.subscribe(Subscription(types: types, name: Self.subscription, from: .earliest), held: true)
    let (acked, _, next) = try await stream.buffer.position.value()
    let known = max(try await restore(through: acked), try await analyzer.resume(on: bus, through: acked))
    // Beyond what is acknowledged too: of that the broker sends again what is not done, and nothing of the rest.
    let end = max(acked, next == 0 ? 0 : next - 1)
    if end > known { try await fold(types, from: known, until: end, acked: acked) }
    stream.buffer.release()
    try await follow(stream)
  }

  /// Reads what was sent before. Outputs of what was acknowledged are dropped: they were published then, and their marks are known
  /// again. Those of the rest are published; the broker knows the ones that it has.
  private mutating func fold(_ types: [String], from known: UInt64, until: UInt64, acked: UInt64) async throws {
    let first = try await bus.welcome().first
    if first > known + 1 {
      bus.logger.warning(
        "the journal no longer holds its beginning; the state starts later", metadata: ["first": "\(first)"])
    }
    var count = 0
    let history = try await bus.subscribe(
      Subscription(
        types: types, from: known == 0 || first > known + 1 ? .earliest : .sequence(known + 1), until: .sequence(until))
    )
    var unsettled: [(event: Handled, outputs: PublishGroup)] = []
    while let event = try await history.next() {
      let sequence = event.stamp.sequence
      do {
        var drafts = try analyzer.handle(event)
        if sequence <= acked {
          for index in drafts.indices where drafts[index].id != nil {
            bus.heritage.passOn(event.stamp.flags.marks, to: &drafts[index], source: bus.source)
          }
        } else {
          let outputs = try bus.encode(drafts, inheriting: event.stamp.flags.marks)
          if !outputs.isEmpty {
            let group = try await bus.hand(outputs)
            unsettled.append((Handled(sequence: sequence, types: drafts.map(\.type), outputs: group), group))
          }
        }
      } catch let error as BusError {
        throw error
      } catch {
        bus.logger.debug("passed over again", metadata: ["sequence": "\(sequence)", "reason": "\(error)"])
        // One that is done with comes again only when a person says so.
        failed[sequence] = sequence <= acked ? Self.attempts : 1
      }
      handled = (sequence, handled.since + 1)
      count += 1
    }
    for one in unsettled { Self.report(try await one.outputs.outcomes(), of: one.event, bus, health) }
    folded = known + 1...until
    bus.logger.info("history read", metadata: ["events": "\(count)", "through": "\(until)"])
  }

  /// Takes up the checkpoint, where there is one that fits; the sequence that it goes up to.
  private mutating func restore(through acked: UInt64) async throws -> UInt64 {
    guard let settings, var kept = analyzer as? any CheckpointedAnalyzer else { return 0 }
    let reach = try await bus.reach()
    let read = try settings.path.map { try Files.read($0) } ?? []
    let fold = CheckpointFile.fold(
      A.manifest, identity: bus.identity, rights: [reach.clearance] + reach.types, settings: read)
    let file = CheckpointFile(
      path: "\(settings.stateDirectory)/checkpoint", place: .init(fold: fold, journal: reach.journal))
    checkpoint = file
    var (found, reason) = file.read(through: acked)
    if let state = found?.state {
      do { try kept.restore(state) } catch { (found, reason) = (nil, "\(error)") }
    }
    guard let found, let restored = kept as? A else {
      if let reason {
        bus.logger.notice("the checkpoint does not fit, everything is read again", metadata: ["reason": "\(reason)"])
        file.remove()
      }
      return 0
    }
    analyzer = restored
    handled.last = found.sequence
    bus.logger.info("checkpoint taken up", metadata: ["through": "\(found.sequence)"])
    return found.sequence
  }

  /// Keeps the state where enough was handled and everything that was is acknowledged.
  private mutating func keepState(_ stream: EventStream, after events: Int) {
    guard let checkpoint, handled.since >= events, failed.values.allSatisfy({ $0 >= Self.attempts }),
      stream.buffer.isFinished(through: handled.last),
      let kept = analyzer as? any CheckpointedAnalyzer
    else { return }
    handled.since = 0
    do {
      try checkpoint.write(try kept.encodedState, through: handled.last)
    } catch {
      bus.logger.warning("the checkpoint cannot be kept", metadata: ["reason": "\(error)"])
    }
  }

  private mutating func follow(_ stream: EventStream) async throws {
    let (handled, feed) = AsyncStream.makeStream(of: Handled.self)
    // Not a child task: at the end it may still hear what became of the last outputs.
    let settling = Task { [bus, health] in await Self.settle(handled, stream, bus, health) }
    do {
      while let event = try await stream.next() {
        if let folded, folded.contains(event.stamp.sequence), failed[event.stamp.sequence] == nil {
          // It is in the state already, and its outputs are published.
          stream.ack(event)
          continue
        }
        guard let (drafts, outputs) = attempt(event, stream) else { continue }
        if outputs.isEmpty {
          stream.ack(event)
        } else {
          let group = try await bus.hand(outputs)
          feed.yield(Handled(sequence: event.stamp.sequence, types: drafts.map(\.type), outputs: group))
        }
        keepState(stream, after: pace.every)
      }
      feed.finish()
    } catch {
      feed.finish()
      await Self.wait(for: settling, atMost: .seconds(5))
      keepState(stream, after: pace.atEnd)
      throw error
    }
    await Self.wait(for: settling, atMost: .seconds(5))
    keepState(stream, after: pace.atEnd)
  }

  /// Nil when the analyzer could not process the event.
  private mutating func attempt(_ event: RecordedEvent, _ stream: EventStream) -> ([Draft], [EncodedEvents])? {
    do {
      let drafts = try analyzer.handle(event)
      look()
      failed[event.stamp.sequence] = nil
      handled = (max(handled.last, event.stamp.sequence), handled.since + 1)
      return (drafts, try bus.encode(drafts, inheriting: event.stamp.flags.marks))
    } catch {
      let sequence = event.stamp.sequence
      failed[sequence, default: 0] += 1
      bus.logger.error(
        "not processed", metadata: ["sequence": "\(sequence)", "type": "\(event.envelope.type)", "reason": "\(error)"])
      stream.nack(sequence, reason: "\(error)")
      return nil
    }
  }

  private mutating func look() {
    untouched += 1
    let now = ContinuousClock.now
    guard untouched >= Self.noteEvery || now >= lookAgain else { return }
    untouched = 0
    lookAgain = now + Self.notePause
    health.note(analyzer.note)
  }

  /// Acknowledges each event once its outputs are kept or refused.
  private static func settle(
    _ handled: AsyncStream<Handled>, _ stream: EventStream, _ bus: Bus, _ health: AnalyzerHealth
  ) async {
    for await event in handled {
      guard let outcomes = try? await event.outputs.outcomes() else { return }
      report(outcomes, of: event, bus, health)
      stream.buffer.finish(event.sequence)
    }
  }

  private static func report(_ outcomes: [PublishOutcome], of event: Handled, _ bus: Bus, _ health: AnalyzerHealth) {
    for (type, outcome) in zip(event.types, outcomes) {
      guard case .refused(let refusal) = outcome else { continue }
      bus.logger.error(
        "output refused",
        metadata: [
          "type": "\(type)", "code": "\(refusal.code)", "name": "\(refusal.name)",
          "pointer": "\(refusal.pointer ?? "")", "reason": "\(refusal.message)", "cause": "\(event.sequence)",
        ])
      health.refused("\(refusal.code) \(refusal.name) \(refusal.pointer ?? "")")
    }
  }

  private static func wait(for task: Task<Void, Never>, atMost bound: Duration) async {
    let done = Promise<Void>()
    Task {
      await task.value
      done.fulfill(())
    }
    let timer = Task {
      try await Task.sleep(for: bound)
      done.fulfill(())
    }
    // This task may be cancelled already, and has to wait nevertheless.
    await Task { try? await done.value() }.value
    timer.cancel()
  }
}
