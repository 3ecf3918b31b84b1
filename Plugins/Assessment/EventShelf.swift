public import CasusEvents

/// What analyzers keep of events until an incident names them, by reference: one event takes another's place where it may and
/// is marked alike, and what comes later under a name is a copy. Bounded so that a flood costs its own publisher's
/// oldest (`SourceShelf`), and neither others' nor the process.
public struct EventShelf<Content: Sendable>: Sendable {
  public struct Kept: Sendable {
    public var content: Content
    public let reference: EventReference
    public let marks: Marks
    /// The sequence of the event, or of the first in whose place it came.
    public let first: UInt64
    fileprivate let origin: Origin
  }

  /// An event, or which one has taken its place.
  fileprivate enum Entry: Sendable {
    case kept(Kept)
    case replaced(reference: EventReference, by: Key)
  }

  fileprivate struct Key: Hashable {
    var source: String
    var id: String

    init(_ reference: EventReference) { (source, id) = (reference.source, reference.id) }
  }

  private var entries: SourceShelf<Key, Entry>
  /// What one event has replaced leads to it in at most so many steps.
  private static var longestChain: Int { 1000 }

  public init(capacity: Int) { entries = SourceShelf(capacity: capacity) }

  /// What had to go for want of room.
  public var fallen: Fallen { entries.fallen }

  /// What is kept of the very event that a reference names; nil where another has taken its place.
  public subscript(reference: EventReference) -> Kept? {
    guard case .kept(let kept) = entries[Key(reference)], kept.reference.sha256 == reference.sha256 else { return nil }
    return kept
  }

  /// The same, or what has taken its place, as far as that is kept.
  public func standing(for reference: EventReference) -> Kept? {
    guard let first = entries[Key(reference)] else { return nil }
    var entry = first
    var expected = reference.sha256
    for _ in 0..<Self.longestChain {
      switch entry {
      case .kept(let kept):
        return kept.reference.sha256 == expected ? kept : nil
      case .replaced(let replaced, let newer):
        guard replaced.sha256 == expected, let next = entries[newer] else { return nil }
        entry = next
        expected = next.reference.sha256
      }
    }
    return nil
  }

  /// How many of some events neither are kept nor have anything in their place.
  public func missing(of references: some Sequence<EventReference>) -> Int {
    references.reduce(0) { $0 + (standing(for: $1) == nil ? 1 : 0) }
  }

  /// For the plugin's health: what an assessment rests on no more since it was forgotten; nil where nothing is missing, or where
  /// nothing was ever forgotten.
  public func note(missing: Int, of what: String) -> String? {
    guard missing > 0, let forgotten = fallen.note(of: what) else { return nil }
    return "an incident names \(missing) \(what) that are not here any more; \(forgotten)"
  }

  public mutating func keep(_ content: Content, of event: RecordedEvent, superseding old: EventReference?) {
    let reference = event.reference
    let key = Key(reference)
    // What comes later under the same name is a copy.
    guard entries[key] == nil else { return }
    let origin = event.origin
    var first = event.stamp.sequence
    if let old, let replaced = self[old], Key(old) != key, origin.mayReplace(replaced.origin) {
      first = min(first, replaced.first)
      entries.insert(.replaced(reference: replaced.reference, by: key), for: Key(old), of: Holder(event))
    }
    let kept = Kept(content: content, reference: reference, marks: Marks(event.envelope), first: first, origin: origin)
    entries.insert(.kept(kept), for: key, of: Holder(event))
  }
}

extension EventShelf.Entry {
  fileprivate var reference: EventReference {
    switch self {
    case .kept(let kept): kept.reference
    case .replaced(let reference, _): reference
    }
  }
}
