public import CasusEvents

/// The operators' reports seen so far, by reference: what an incident's list of effects stands for. A value; a report
/// that supersedes another takes its place, where it may. Bounded like any memory of a stream: the oldest go first.
public struct EffectShelf: Sendable {
  public struct Kept: Sendable {
    public var effect: Effect
    public var reference: EventReference
    public var marks: Marks

    /// Without numbers outside of what can be: no estimate is made of an outlier.
    public var plausible: Kept { Kept(effect: effect.withoutImplausible, reference: reference, marks: marks) }
  }

  private var kept: [Key: Kept] = [:]
  private var order: [Key] = []
  private let capacity: Int

  private struct Key: Hashable {
    var source: String
    var id: String
  }

  public init(capacity: Int = 10_000) { self.capacity = capacity }

  /// Throws `EventError` where the event isn't an effect.
  public mutating func keep(_ event: RecordedEvent) throws {
    let effect = try event.data(as: Effect.self)
    if let old = effect.supersedes, Succession.allows(event.envelope.source, toReplace: old.source) {
      kept[Key(source: old.source, id: old.id)] = nil
    }
    let key = Key(source: event.envelope.source, id: event.envelope.id)
    let entry = Kept(effect: effect, reference: event.reference, marks: Marks(event.envelope))
    if kept.updateValue(entry, forKey: key) == nil { order.append(key) }
    if order.count > capacity { kept[order.removeFirst()] = nil }
  }

  /// Those of an incident that are known here, in its order.
  public func of(_ incident: Incident) -> [Kept] {
    incident.effects.compactMap { kept[Key(source: $0.source, id: $0.id)] }
  }
}
