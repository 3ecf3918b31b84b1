public import CasusEvents
public import CasusPlugin

/// An analyzer fed by hand: no broker, no process, no waiting.
///
///     var run = AnalyzerRun(try HitCounter(settings: .none))
///     run.feed(events)
///     #expect(run.outputs.count == 1)
///
/// A plain value. What the analyzer threw is kept beside the event; the ones behind it go on, as on the bus.
public struct AnalyzerRun<A: Analyzer> {
  /// An event that the analyzer did not process, and what it threw.
  public struct Failure: Sendable {
    public var event: RecordedEvent
    public var error: any Error
  }

  /// The analyzer as the events have left it.
  public private(set) var analyzer: A
  /// What it published, as the bus would hand it on.
  public private(set) var outputs: [RecordedEvent] = []
  public private(set) var failures: [Failure] = []
  private var maker: EventMaker

  /// - Parameter identity: whose outputs they are.
  public init(_ analyzer: A, as identity: String = "xx.exercise/analyzer-1") {
    self.analyzer = analyzer
    maker = EventMaker(sender: identity)
  }

  /// Folds events in, in order. Throws `EventError` where an output cannot be encoded, or has no id: an analyzer derives
  /// its ids from what it read.
  public mutating func feed(_ events: [RecordedEvent]) throws {
    for event in events {
      let drafts: [Draft]
      do { drafts = try analyzer.handle(event) } catch {
        failures.append(Failure(event: event, error: error))
        continue
      }
      for var draft in drafts {
        draft.inherit(event.stamp.flags.marks)
        outputs.append(try maker.record(bytes: draft.encoded(source: "//" + maker.sender)))
      }
    }
  }

  /// Folds the events into two fresh analyzers and returns what the first published. Throws `notRepeatable` when the
  /// other's bytes differ: a restart or a replay would then publish something else.
  public static func repeatable(
    _ events: [RecordedEvent], _ make: () throws -> A
  ) throws -> [RecordedEvent] {
    var first = AnalyzerRun(try make())
    var second = AnalyzerRun(try make())
    try first.feed(events)
    try second.feed(events)
    guard first.outputs.map(\.bytes) == second.outputs.map(\.bytes) else {
      let place = zip(first.outputs, second.outputs).enumerated().first { $0.element.0.bytes != $0.element.1.bytes }
      throw TestKitError(
        .notRepeatable,
        place.map { "output \($0.offset + 1) differs: \($0.element.0.text) and \($0.element.1.text)" }
          ?? "\(first.outputs.count) outputs and \(second.outputs.count)")
    }
    return first.outputs
  }
}

extension Settings {
  /// The settings of a plugin that has none, with no folder to keep things in.
  public static var none: Settings { Settings(path: nil, stateDirectory: "", identity: "xx.exercise/analyzer-1") }
}

extension RecordedEvent {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
