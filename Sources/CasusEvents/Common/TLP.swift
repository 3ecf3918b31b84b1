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

  /// The marking that these UTF-8 bytes name. Allocates nothing; as cheap as reading the bytes once, since each event is asked.
  public init?(_ text: UnsafeBufferPointer<UInt8>) {
    // At most 12 bytes, as two words; no two markings share them.
    guard text.count <= 12 else { return nil }
    var low: UInt64 = 0
    var high: UInt64 = 0
    for place in 0..<min(text.count, 8) { low = low << 8 | UInt64(text[place]) }
    for place in 8..<max(text.count, 8) { high = high << 8 | UInt64(text[place]) }
    switch (low, high, text.count) {
    case (0x52_4544, 0, 3): self = .red
    case (0x41_4d42_4552, 0, 5): self = .amber
    case (0x47_5245_454e, 0, 5): self = .green
    case (0x43_4c45_4152, 0, 5): self = .clear
    case (0x414d_4245_522b_5354, 0x5249_4354, 12): self = .amberStrict
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
