public import CasusEvents

/// The operators' reports seen so far: what an incident's list of effects stands for.
public typealias EffectShelf = EventShelf<Effect>

extension EventShelf where Content == Effect {
  public init() { self.init(capacity: 10_000) }

  /// Throws `EventError` where the event isn't an effect.
  public mutating func keep(_ event: RecordedEvent) throws {
    var effect = try event.data(as: Effect.self)
    // Nothing is estimated from the excerpt of the operator's file, the largest part of most reports.
    effect.raw = nil
    keep(effect, of: event, superseding: effect.supersedes)
  }

  /// Those of an incident that are known here as it names them, or what has taken their place, in its order; each once, and none
  /// that was withdrawn.
  public func of(_ incident: Incident) -> [Kept] {
    var seen: Set<EventReference> = []
    return incident.effects.compactMap { standing(for: $0) }.filter {
      $0.effect.withdrawal == nil && seen.insert($0.reference).inserted
    }
  }
}

extension Incident {
  /// Reports that it counts and that its list has no room for: nothing is estimated of them.
  public var unnamedEffects: Int { max(0, effectCount - effects.count) }
}

extension EventShelf.Kept where Content == Effect {
  public var effect: Effect { content }

  /// Without numbers outside of what can be: no estimate is made of an outlier.
  public var plausible: Self {
    var kept = self
    kept.content = effect.withoutImplausible
    return kept
  }
}
