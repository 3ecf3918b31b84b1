internal import CasusEvents
internal import IJSON

/// A part of `subscribe`: what happens to a subscriber that does not keep up.
///
///     "overload":{"policy":"drop-oldest","events":1000,"bytes":1048576}
extension Overload {
  func encode(into writer: inout JSONWriter) {
    writer.member("policy", policy.rawValue)
    writer.member("events", events)
    writer.member("bytes", bytes)
  }

  init(ifPresent reader: ControlReader?) throws(WireError) {
    guard let reader else {
      self.init()
      return
    }
    self.init(try reader.word("policy"))
    if let number = try reader.optionalInteger("events", in: 1...Self.mostEvents) { events = number }
    if let number = try reader.optionalInteger("bytes", in: 1...Self.mostBytes) { bytes = number }
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Overload {
    guard random.flag() else { return Overload() }
    return Overload(
      random.pick(Policy.allCases), events: random.number(in: 1...mostEvents), bytes: random.number(in: 1...mostBytes))
  }
}
