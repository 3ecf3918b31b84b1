internal import CasusEvents
internal import DequeModule

/// Whose a case or an incident is: the source that was first to publish it under its name.
///
/// Of the last `most` names, and after a restart of those in the last events that the duplicate window is filled from; about 100
/// bytes each, twice. A name that is forgotten is anybody's for the broker, and still its first publisher's for every reader, who sees
/// the whole journal; what may be another's revision makes nobody its owner.
struct Owners {
  private struct Owner {
    var source: [UInt8]
    var sequence: UInt64
  }

  /// Who is first under each name, as far as that is known.
  private struct Shelf {
    private static let most = 100_000

    private var owners: [DedupWindow.Key: Owner] = [:]
    /// By age.
    private var order: Deque<DedupWindow.Key> = []

    subscript(key: DedupWindow.Key) -> [UInt8]? { owners[key]?.source }

    mutating func add(_ key: DedupWindow.Key, _ source: UnsafeBufferPointer<UInt8>, _ sequence: UInt64) {
      guard owners[key] == nil else { return }
      if order.count == Self.most { owners[order.removeFirst()] = nil }
      owners[key] = Owner(source: Array(source), sequence: sequence)
      order.append(key)
    }

    mutating func rollBack(after sequence: UInt64) {
      while let key = order.last, let owner = owners[key], owner.sequence > sequence {
        owners[key] = nil
        order.removeLast()
      }
    }
  }

  private var known = Shelf()
  /// Who goes on with what was its own, and may revise others' too: whether the name is its own lies before what is remembered. It
  /// keeps nobody else from the name, and nobody keeps it.
  private var presumed = Shelf()

  func source(of key: DedupWindow.Key) -> [UInt8]? { known[key] }

  /// Whether a source may be the owner, whoever is known to be.
  func mayOwn(_ key: DedupWindow.Key, _ source: UnsafeBufferPointer<UInt8>) -> Bool {
    presumed[key].map { sameBytes($0, source) } ?? false
  }

  /// Notes who publishes under a name; the first one keeps it.
  mutating func claim(_ key: DedupWindow.Key, by source: UnsafeBufferPointer<UInt8>, sequence: UInt64) {
    known.add(key, source, sequence)
  }

  /// Notes who goes on with its own under a name that nobody is known to own.
  mutating func presume(_ key: DedupWindow.Key, of source: UnsafeBufferPointer<UInt8>, sequence: UInt64) {
    if known[key] == nil { presumed.add(key, source, sequence) }
  }

  /// Forgets who came after `sequence`: their events were never kept.
  mutating func rollBack(after sequence: UInt64) {
    known.rollBack(after: sequence)
    presumed.rollBack(after: sequence)
  }
}

/// Something that events stand for and that has an owner.
enum Owned {
  case caseFile, incident

  /// Where the data name it.
  var member: StaticString {
    switch self {
    case .caseFile: "case"
    case .incident: "incident"
    }
  }
}

/// What the vocabulary says of a type's events beyond their schema.
enum TypeRule {
  case plain
  /// They stand for something that is its first publisher's to revise.
  case owned(Owned)
  /// They are signed over the digests of what they rest on, which every reader checks.
  case signed

  init(of type: String) {
    switch EventType(type) {
    case .caseFile: self = .owned(.caseFile)
    case .incident: self = .owned(.incident)
    case .position, .decision: self = .signed
    default: self = .plain
    }
  }
}
