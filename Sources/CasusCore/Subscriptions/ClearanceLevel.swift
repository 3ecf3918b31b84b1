internal import CasusEvents

/// A marking as a small number, so that it can be a place in an array: 0 CLEAR to 4 RED. An event without a marking counts
/// as RED.
struct ClearanceLevel: Hashable, Comparable, Sendable {
  private let number: UInt8

  var place: Int { Int(number) }

  var marking: TLP { TLP.allCases[place] }

  static let count = TLP.allCases.count
  static let lowest = ClearanceLevel(.clear)

  init(_ marking: TLP) { number = UInt8(TLP.allCases.firstIndex(of: marking) ?? Self.count - 1) }

  init(of flags: StampFlags) {
    let bits = Int(flags.rawValue >> 8 & 7)
    number = UInt8((1...Self.count).contains(bits) ? bits - 1 : Self.count - 1)
  }

  static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}
