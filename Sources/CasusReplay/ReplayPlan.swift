public import CasusEvents
public import CasusWire

/// What of a capture is played, and how fast. A plain value.
public struct ReplayPlan: Hashable, Sendable {
  public var rate = ReplayRate.original(factor: 1)
  /// Types to play; empty means all.
  public var types: [TypePattern] = []
  /// Types to leave out. At first the bus's own events: a broker speaks of its own plugins.
  public var without: [TypePattern] = [TypePattern("casus.bus.>")].compactMap { $0 }
  /// Senders to play, `jp.nisc/suricata-1` or `jp.nisc/*`; empty means all.
  public var senders: [String] = []
  public var sequences: ClosedRange<UInt64> = 1...UInt64.max
  /// Recorded at this moment or later.
  public var from: Timestamp?
  /// Recorded before this moment.
  public var until: Timestamp?
  /// Largest batch: what is due at the same moment goes together up to here.
  public var maxBatchEvents = 1024
  public var maxBatchBytes = 256 << 10

  public init() {}

  /// Whether an event is played.
  public func wants(_ event: CapturedEvent) -> Bool {
    let type = event.type.rawValue
    guard sequences.contains(event.stamp.sequence) else { return false }
    if let from, event.stamp.recorded < from { return false }
    if let until, event.stamp.recorded >= until { return false }
    if !senders.isEmpty, !senders.contains(where: { Self.matches($0, event.stamp.sender) }) { return false }
    if !types.isEmpty, !types.contains(where: { $0.matches(type) }) { return false }
    return !without.contains { $0.matches(type) }
  }

  private static func matches(_ pattern: String, _ sender: String) -> Bool {
    if pattern.hasSuffix("/*") { return sender.utf8.starts(with: pattern.utf8.dropLast()) }
    return pattern.utf8.elementsEqual(sender.utf8)
  }
}

/// Events that are to be published together, and when.
public struct ReplayBatch: Hashable, Sendable {
  /// After the start of the replay.
  public var due: Duration
  public var events: [CapturedEvent]
}

/// Puts the events of a capture into batches with the moments at which they are due.
///
/// Pure: knows no clock. Feed it the events in order and give what comes out to the bus in order, each when it is due.
/// Events that were recorded within `grain` of each other go together.
public struct ReplaySchedule: Sendable {
  /// Finer than a person sees and coarse enough to make batches, in original time.
  public static let grain: Int64 = 1_000_000

  private let plan: ReplayPlan
  private var first: Timestamp?
  private var latest: Int64 = 0
  private var open = ReplayBatch(due: .zero, events: [])
  private var openBytes = 0
  private var openStart: Int64 = 0

  /// Events that the plan plays and that it leaves out, so far.
  public private(set) var played: UInt64 = 0
  public private(set) var skipped: UInt64 = 0

  public init(_ plan: ReplayPlan) { self.plan = plan }

  /// Takes the next event. Returns the batch that is complete now, if any.
  public mutating func add(_ event: CapturedEvent) -> ReplayBatch? {
    guard plan.wants(event) else {
      skipped += 1
      return nil
    }
    // A clock that went back must not make a replay wait, so time stands still until it has caught up.
    let start = first ?? event.stamp.recorded
    first = start
    latest = max(latest, event.stamp.recorded.nanoseconds.subtractingReportingOverflow(start.nanoseconds).partialValue)
    let due = due(of: event)
    var complete: ReplayBatch?
    let isFull = open.events.count >= plan.maxBatchEvents || openBytes + event.bytes.count > plan.maxBatchBytes
    if !open.events.isEmpty, isFull || !belongs(due) { complete = take() }
    if open.events.isEmpty {
      open.due = due
      openStart = latest
    }
    open.events.append(event)
    openBytes += event.bytes.count
    played += 1
    return complete
  }

  /// What is left when there are no more events.
  public mutating func finish() -> ReplayBatch? { open.events.isEmpty ? nil : take() }

  private func due(of event: CapturedEvent) -> Duration {
    switch plan.rate {
    case .max: .zero
    case .original(let factor): .nanoseconds(Int64(clamping: Int(min(Double(latest) / factor, 9e18))))
    case .perSecond(let rate): .nanoseconds(Int64(min(Double(played) / rate * 1e9, 9e18)))
    }
  }

  private func belongs(_ due: Duration) -> Bool {
    switch plan.rate {
    case .max: true
    case .original: latest - openStart <= Self.grain
    case .perSecond: due - open.due < .milliseconds(1)
    }
  }

  private mutating func take() -> ReplayBatch {
    defer {
      open.events = []
      openBytes = 0
    }
    return open
  }
}
