internal import IJSON

/// Traffic Light Protocol 2.0 (FIRST): with whom an event may be shared. Ordered from the freest to the strictest.
public enum TLP: String, Codable, CaseIterable, Comparable, Sendable {
  case clear = "CLEAR"
  case green = "GREEN"
  case amber = "AMBER"
  case amberStrict = "AMBER+STRICT"
  case red = "RED"

  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

  /// The strictest of several: what something derived from them all must carry. `clear` for none.
  public static func strictest(_ markings: some Sequence<TLP>) -> TLP { markings.max() ?? .clear }

  /// The marking that these UTF-8 bytes name. Allocates nothing; cheap, since each event is asked.
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    switch text.count {
    case 3 where text.isText("RED"): self = .red
    case 5 where text.isText("AMBER"): self = .amber
    case 5 where text.isText("GREEN"): self = .green
    case 5 where text.isText("CLEAR"): self = .clear
    case 12 where text.isText("AMBER+STRICT"): self = .amberStrict
    default: return nil
    }
  }

  /// 0 CLEAR to 4 RED.
  var rank: Int {
    switch self {
    case .clear: 0
    case .green: 1
    case .amber: 2
    case .amberStrict: 3
    case .red: 4
    }
  }
}
