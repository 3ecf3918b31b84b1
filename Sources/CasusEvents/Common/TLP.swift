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

  private var rank: Int {
    switch self {
    case .clear: 0
    case .green: 1
    case .amber: 2
    case .amberStrict: 3
    case .red: 4
    }
  }
}
