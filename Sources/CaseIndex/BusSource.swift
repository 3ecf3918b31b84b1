public import CasusEvents
public import CasusPlugin

/// What the broker sends this identity.
public struct BusSource: CaseSource {
  private let bus: Bus
  public let owner: IndexOwner
  public let first: UInt64
  public let last: UInt64

  public init(_ bus: Bus) async throws {
    let reach = try await bus.reach()
    self.bus = bus
    owner = IndexOwner(
      journal: reach.journal, at: bus.brokerKey, reader: bus.identity, clearance: reach.clearance,
      types: reach.types)
    first = reach.first
    last = reach.last
  }

  public func read(from sequence: UInt64, _ body: (RecordedEvent) throws -> Void) async throws {
    let start: SubscriptionStart = sequence <= 1 ? .earliest : .sequence(sequence)
    for try await event in try await bus.subscribe(Subscription(types: [">"], from: start, until: .last)) {
      try body(event)
    }
  }

  public func fetch(_ sequences: Set<UInt64>) async throws -> [UInt64: RecordedEvent] {
    var found: [UInt64: RecordedEvent] = [:]
    for stretch in Self.stretches(sequences.filter { $0 >= first }) {
      let request = Subscription(
        types: [">"], from: .sequence(stretch.lowerBound), until: .sequence(stretch.upperBound))
      for try await event in try await bus.subscribe(request) where sequences.contains(event.stamp.sequence) {
        found[event.stamp.sequence] = event.detached()
      }
    }
    return found
  }
}
