internal import CasusWire

/// What plugins wish for once the schemas that they brought were looked at. A connection has one such wish at a time.
struct SchemaOffers {
  struct Offer {
    enum Wish {
      /// Open the session.
      case hello(Hello)
      case request(Request)
    }

    var peer: PeerID
    var key: String
    var wish: Wish
    /// Schemas in it.
    var count: Int
    /// Numbers that are kept free for types that are new by it.
    var reserved: Int
  }

  private var waiting: [Int: Offer] = [:]
  private var next = 1

  func isWaiting(_ peer: PeerID) -> Bool { waiting.values.contains { $0.peer == peer } }

  /// Returns the offer's number, which is never used again.
  mutating func add(_ offer: Offer) -> Int {
    defer { next += 1 }
    waiting[next] = offer
    return next
  }

  mutating func remove(_ number: Int) -> Offer? { waiting.removeValue(forKey: number) }
}
