public import CasusEvents

/// The operators' reports seen so far, by reference: what an incident's list of effects stands for. A value; a report
/// that supersedes another takes its place, where it may and is marked alike. Bounded like any memory of a stream: the oldest go
/// first.
public struct EffectShelf: Sendable {
  public struct Kept: Sendable {
    public var effect: Effect
    public var reference: EventReference
    public var marks: Marks
    /// The stamp's: what takes its place has the same.
    fileprivate var flags: StampFlags

    /// Without numbers outside of what can be: no estimate is made of an outlier.
    public var plausible: Kept {
      Kept(effect: effect.withoutImplausible, reference: reference, marks: marks, flags: flags)
    }
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
    if let old = effect.supersedes {
      let replaced = Key(source: old.source, id: old.id)
      if let flags = kept[replaced]?.flags, event.mayReplace(old.source, marked: flags) { kept[replaced] = nil }
    }
    let key = Key(source: event.envelope.source, id: event.envelope.id)
    // What comes later under the same name is a copy.
    guard kept[key] == nil else { return }
    let entry = Kept(
      effect: effect, reference: event.reference, marks: Marks(event.envelope), flags: event.stamp.flags.marks)
    kept[key] = entry
    order.append(key)
    if order.count > capacity { kept[order.removeFirst()] = nil }
  }

  /// Those of an incident that are known here as it names them, in its order.
  public func of(_ incident: Incident) -> [Kept] {
    incident.effects.compactMap { named in
      kept[Key(source: named.source, id: named.id)].flatMap { $0.reference.sha256 == named.sha256 ? $0 : nil }
    }
  }
}
