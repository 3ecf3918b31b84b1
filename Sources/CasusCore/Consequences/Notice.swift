internal import CasusEvents
internal import CasusWire

/// An event of the bus about itself, before it is written. Two about the same thing can be told by one.
enum Notice: Sendable {
  case joined(BusJoined)
  case left(BusLeft)
  /// With the marking of the event whose text it repeats.
  case refused(BusRefused, marking: TLP = .amber)
  case quarantined(BusQuarantined, marking: TLP = .amber)
  case lagging(BusLagging)
  case retention(BusRetention)
  case schema(BusSchema)
  case clock(BusClock)
  case registry(BusRegistry)

  var payload: any Payload {
    switch self {
    case .joined(let it): it
    case .left(let it): it
    case .refused(let it, _): it
    case .quarantined(let it, _): it
    case .lagging(let it): it
    case .retention(let it): it
    case .schema(let it): it
    case .clock(let it): it
    case .registry(let it): it
    }
  }

  /// At least as strict as what it tells of.
  var marking: TLP {
    switch self {
    case .refused(_, let marking), .quarantined(_, let marking): max(.amber, marking)
    default: .amber
    }
  }

  /// What it is about, unless that is who has caused it.
  var subject: String? {
    switch self {
    case .schema(let it): it.eventType
    case .registry(let it): it.file
    default: nil
    }
  }

  /// Takes a later one of the same plugin in: afterwards this one stands for both. False when they are about different things,
  /// unless that is not to matter.
  mutating func fold(_ later: Notice, whatever: Bool) -> Bool {
    switch (self, later) {
    case (.joined(let old), .joined(var new)):
      new.count = (old.count ?? 1) + (new.count ?? 1)
      self = .joined(new)
    case (.left(let old), .left(var new)):
      new.count = (old.count ?? 1) + (new.count ?? 1)
      self = .left(new)
    case (.refused(let old, _), .refused(let new, _)) where whatever || old.code == new.code:
      let summary = WireErrorCode(rawValue: new.code)?.summary ?? new.message
      self = .refused(
        BusRefused(
          plugin: new.plugin, agency: new.agency, code: new.code, name: new.name, message: summary,
          count: old.count + new.count))
    case (.quarantined(let old, let first), .quarantined(var new, let second))
    where whatever || old.subscription == new.subscription:
      new.take(old)
      self = .quarantined(new, marking: max(first, second))
    case (.lagging(let old), .lagging(let new)) where whatever || old.subscription == new.subscription:
      self = .lagging(new)
    case (.retention(let old), .retention(var new))
    where whatever || old.subscription == new.subscription && old.state == new.state:
      new.sequence = Self.lowest(old.sequence, new.sequence)
      new.lastSequence = Self.highest(old.lastSequence, new.lastSequence)
      if old.dropped != nil || new.dropped != nil { new.dropped = (old.dropped ?? 0) + (new.dropped ?? 0) }
      self = .retention(new)
    case (.schema(let old), .schema(var new)) where whatever || old.eventType == new.eventType:
      new.count = (old.count ?? 1) + (new.count ?? 1)
      if old.eventType == new.eventType { new.previousSHA256 = old.previousSHA256 }
      self = .schema(new)
    case (.registry(let old), .registry(var new)) where whatever || old.file == new.file:
      let count = (old.count ?? 1) + (new.count ?? 1)
      // One file's good news takes nothing of another's bad.
      if old.file != new.file, old.state == .setAside { new = old }
      new.count = count
      self = .registry(new)
    case (.clock(let old), .clock(let new)): self = .clock(BusClock(before: old.before, after: new.after))
    default: return false
    }
    return true
  }

  fileprivate static func lowest(_ a: String, _ b: String) -> String { (UInt64(a) ?? 0) <= (UInt64(b) ?? 0) ? a : b }
  fileprivate static func highest(_ a: String, _ b: String) -> String { (UInt64(a) ?? 0) >= (UInt64(b) ?? 0) ? a : b }
}

extension BusQuarantined {
  /// Stands for an earlier one, too. What it says of the event is that of the later one.
  fileprivate mutating func take(_ old: BusQuarantined) {
    lastSequence = Notice.highest(old.lastSequence ?? old.sequence, lastSequence ?? sequence)
    sequence = Notice.lowest(old.sequence, sequence)
    count = (old.count ?? 1) + (count ?? 1)
    if old.isFull == true { isFull = true }
    if old.subscription != subscription || old.severalSubscriptions == true { severalSubscriptions = true }
  }
}
