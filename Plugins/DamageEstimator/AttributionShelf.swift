import Assessment
import CasusEvents

/// The newest attribution of each incident by each source. Bounded: whoever publishes most loses his oldest.
struct AttributionShelf: Sendable {
  struct Named: Sendable {
    var attribution: Attribution
    var reference: EventReference
    var marks: Marks
  }

  private struct Key: Hashable {
    var incident: String
    var source: String
  }

  private var kept: SourceShelf<Key, Named>
  private var sources: [String: Set<String>] = [:]

  init(capacity: Int) { kept = SourceShelf(capacity: capacity) }

  mutating func keep(_ attribution: Attribution, of event: RecordedEvent) {
    let key = Key(incident: attribution.incident, source: event.envelope.source)
    let named = Named(attribution: attribution, reference: event.reference, marks: Marks(event.envelope))
    kept.remove(key)
    sources[key.incident, default: []].insert(key.source)
    for (gone, _) in kept.insert(named, for: key, of: Holder(event)) {
      sources[gone.incident]?.remove(gone.source)
      if sources[gone.incident]?.isEmpty == true { sources[gone.incident] = nil }
    }
  }

  /// Those of an incident, in the order of their sources' names.
  func of(_ incident: String) -> [Named] {
    (sources[incident] ?? []).sorted().compactMap { kept[Key(incident: incident, source: $0)] }
  }
}
