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

/// The different kinds of a run's events, gathered stamp by stamp: a few nanoseconds each, since most are like the one
/// before.
public struct RunKinds: Sendable {
  /// With more, a look at each event costs hardly more than a look at each kind.
  public static let most = 32

  /// Nil: they are too many.
  public private(set) var all: [RecordKind]? = []
  private var last: (type: UInt16, sender: UInt16, flags: StampFlags)?

  public init() {}

  public mutating func add(_ stamp: RecordStamp) {
    if let last, last == (stamp.type, stamp.sender, stamp.flags) { return }
    last = (stamp.type, stamp.sender, stamp.flags)
    let kind = RecordKind(stamp)
    guard let known = all, !known.contains(kind) else { return }
    if known.count < Self.most { all?.append(kind) } else { all = nil }
  }
}
