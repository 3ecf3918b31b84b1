public import CasusEvents

/// What subscriptions tell events apart by.
public struct RecordKind: Hashable, Sendable {
  public var type: UInt16
  public var sender: UInt16
  /// An event without a marking is nobody's but who may read everything.
  public var marking: TLP

  init(_ stamp: RecordStamp) {
    type = stamp.type
    sender = stamp.sender
    marking = stamp.flags.marking ?? .red
  }
}

/// The different kinds of a run's events and how many there are of each, gathered stamp by stamp: a few nanoseconds each, since most
/// are like the one before.
public struct RunKinds: Sendable {
  public struct Counted: Sendable {
    public let kind: RecordKind
    public fileprivate(set) var count: Int
  }

  /// With more, a look at each event costs hardly more than a look at each kind.
  public static let most = 128

  /// Nil: they are too many.
  public private(set) var all: [Counted]? = []
  private var last: (type: UInt16, sender: UInt16, flags: StampFlags)?
  private var lastPlace = 0

  public init() {}

  public mutating func add(_ stamp: RecordStamp) {
    if let last, last == (stamp.type, stamp.sender, stamp.flags) {
      all?[lastPlace].count += 1
      return
    }
    last = (stamp.type, stamp.sender, stamp.flags)
    let kind = RecordKind(stamp)
    guard let count = all?.count else { return }
    if let known = all?.firstIndex(where: { $0.kind == kind }) {
      lastPlace = known
      all?[known].count += 1
    } else if count < Self.most {
      lastPlace = count
      all?.append(Counted(kind: kind, count: 1))
    } else {
      all = nil
    }
  }
}
