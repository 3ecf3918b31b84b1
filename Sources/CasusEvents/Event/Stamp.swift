/// What the broker says beside an accepted event, never in it.
public struct Stamp: Hashable, Sendable {
  /// Place in the journal's one gapless series; the first is 1.
  public var sequence: UInt64
  /// When the broker accepted the event.
  public var recorded: Timestamp
  /// The authenticated publisher, `jp.nisc/suricata-1`.
  public var sender: String
  public var flags: StampFlags

  public init(sequence: UInt64, recorded: Timestamp, sender: String, flags: StampFlags) {
    self.sequence = sequence
    self.recorded = recorded
    self.sender = sender
    self.flags = flags
  }
}

/// Marks of a stamp; the raw value is what travels on the wire.
public struct StampFlags: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Came from a capture, not from its source.
  public static let replayed = StampFlags(rawValue: 1)
  /// Part of an exercise: never evidence in a live case.
  public static let exercise = StampFlags(rawValue: 2)
  /// This subscription was sent the event before. Set on a delivery only, never kept.
  public static let redelivered = StampFlags(rawValue: 4)
  /// Rests on replayed events, as its publisher says; or may rest on marked ones: its publisher was delivered some and named
  /// nothing that the broker could look up.
  public static let descends = StampFlags(rawValue: 8)

  /// The marks that an event carries on to what rests on it: such an event is never evidence in a live case.
  public static let marks = replay.union(.exercise)
  /// A capture's, or rests on one, or may.
  private static let replay = replayed.union(.descends)

  /// Which marks it has. Each event is asked: a set made of a list would cost a debug build an allocation.
  public var marks: StampFlags { intersection(.marks) }
  /// Whether it is a capture's, or rests on one, or may.
  public var isReplay: Bool { !isDisjoint(with: .replay) }

  /// The event's TLP marking, so that read rights cost no look into the event. Bits 8 to 10: 0 for none, then from
  /// 1 CLEAR to 5 RED.
  public var marking: TLP? {
    get {
      switch rawValue >> 8 & 7 {
      case 1: .clear
      case 2: .green
      case 3: .amber
      case 4: .amberStrict
      case 5: .red
      default: nil
      }
    }
    set {
      let place = newValue.map { $0.rank + 1 } ?? 0
      rawValue = rawValue & ~0x700 | UInt16(place) << 8
    }
  }

  /// Without what belongs to one delivery only: what a journal or a capture keeps.
  public var kept: StampFlags { subtracting(.redelivered) }

  /// What is kept, as words in a file: `exercise,TLP:AMBER`.
  public var text: String {
    (kept.names + (marking.map { ["TLP:\($0.rawValue)"] } ?? [])).joined(separator: ",")
  }

  /// Reads `text`; words that this version does not know are passed over.
  public init(text: String) { self.init(words: text.split(separator: ",")) }

  /// Reads `names`, and a marking.
  init(words: some Sequence<some StringProtocol>) {
    self.init(rawValue: 0)
    for word in words {
      switch word {
      case "replayed": insert(.replayed)
      case "exercise": insert(.exercise)
      case "descends": insert(.descends)
      default: if word.hasPrefix("TLP:") { marking = TLP(rawValue: String(word.dropFirst(4))) ?? marking }
      }
    }
  }

  /// Reads ``names``; those that this version does not know are passed over.
  public init(names: [String]) { self.init(words: names) }

  /// The flags' names in the order of their bits: `["replayed", "exercise"]`.
  public var names: [String] {
    var names: [String] = []
    if contains(.replayed) { names.append("replayed") }
    if contains(.exercise) { names.append("exercise") }
    if contains(.redelivered) { names.append("redelivered") }
    if contains(.descends) { names.append("descends") }
    return names
  }
}
