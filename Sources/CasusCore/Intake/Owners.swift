internal import CasusEvents
internal import DequeModule

/// Whose a case or an incident is: the source that was first to publish it under its name.
///
/// Of the last `most` names, and after a restart of those in the last events that the duplicate window is filled from; about 100
/// bytes each. A name that is forgotten is anybody's for the broker, and still its first publisher's for every reader, who sees
/// the whole journal; what may be another's revision makes nobody its owner.
struct Owners {
  private struct Owner {
    var source: [UInt8]
    var sequence: UInt64
  }

  private static let most = 100_000

  private var owners: [DedupWindow.Key: Owner] = [:]
  /// By age.
  private var order: Deque<DedupWindow.Key> = []

  func source(of key: DedupWindow.Key) -> [UInt8]? { owners[key]?.source }

  /// Notes who publishes under a name; the first one keeps it.
  mutating func claim(_ key: DedupWindow.Key, by source: UnsafeBufferPointer<UInt8>, sequence: UInt64) {
    guard owners[key] == nil else { return }
    if order.count == Self.most { owners[order.removeFirst()] = nil }
    owners[key] = Owner(source: Array(source), sequence: sequence)
    order.append(key)
  }

  /// Forgets who came after `sequence`: their events were never kept.
  mutating func rollBack(after sequence: UInt64) {
    while let key = order.last, let owner = owners[key], owner.sequence > sequence {
      owners[key] = nil
      order.removeLast()
    }
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
