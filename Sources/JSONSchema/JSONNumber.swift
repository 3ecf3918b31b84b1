internal import IJSON

/// A JSON number by value: an Int64, a UInt64 beyond it, or a double. Compared exactly, never by rounding one side.
struct JSONNumber {
  /// `Tape.int64`, `.uint64` or `.double`.
  var kind: UInt8
  var bits: UInt64

  @inline(__always)
  init(kind: UInt8, bits: UInt64) {
    self.kind = kind
    self.bits = bits
  }

  var double: Double {
    switch kind {
    case Tape.int64: Double(Int64(bitPattern: bits))
    case Tape.uint64: Double(bits)
    default: Double(bitPattern: bits)
    }
  }

  var isZero: Bool {
    kind == Tape.double ? Double(bitPattern: bits) == 0 : bits == 0
  }

  /// Whether it has no fraction, however it is written.
  @inline(__always)
  var isWhole: Bool {
    guard kind == Tape.double else { return true }
    let value = Double(bitPattern: bits)
    return value == value.rounded(.towardZero)
  }

  /// Below zero, zero or above as `self` is less than, equal to or more than `other`.
  @inline(__always)
  func compared(to other: JSONNumber) -> Int {
    if kind == Tape.int64, other.kind == Tape.int64 {
      let a = Int64(bitPattern: bits)
      let b = Int64(bitPattern: other.bits)
      return a < b ? -1 : a == b ? 0 : 1
    }
    return comparedMixed(to: other)
  }

  private func comparedMixed(to other: JSONNumber) -> Int {
    switch (kind == Tape.double, other.kind == Tape.double) {
    case (true, true): return Self.order(Double(bitPattern: bits), Double(bitPattern: other.bits))
    case (false, true): return Self.order(self, Double(bitPattern: other.bits))
    case (true, false): return -Self.order(other, Double(bitPattern: bits))
    case (false, false):
      // At least one is beyond Int64, so it is the larger one unless both are.
      if kind == other.kind { return bits < other.bits ? -1 : bits == other.bits ? 0 : 1 }
      return kind == Tape.int64 ? -1 : 1
    }
  }

  private static func order(_ a: Double, _ b: Double) -> Int {
    a < b ? -1 : a == b ? 0 : 1
  }

  private static func order(_ integer: JSONNumber, _ double: Double) -> Int {
    // 2^64 and beyond, either way, is outside every integer here.
    if double >= 0x1p64 { return -1 }
    if double < -0x1p63 { return 1 }
    let floor = double.rounded(.down)
    let whole =
      floor < 0 || floor < 0x1p63
      ? JSONNumber(kind: Tape.int64, bits: UInt64(bitPattern: Int64(floor)))
      : JSONNumber(kind: Tape.uint64, bits: UInt64(floor))
    let order =
      integer.kind == whole.kind && integer.kind == Tape.int64
      ? (Int64(bitPattern: integer.bits) < Int64(bitPattern: whole.bits) ? -1 : integer.bits == whole.bits ? 0 : 1)
      : integer.comparedMixed(to: whole)
    return order == 0 && double > floor ? -1 : order
  }

  /// Digits times ten to the exponent; the sign is left out.
  private var decimal: (digits: UInt64, exponent: Int) {
    switch kind {
    case Tape.int64: return (Int64(bitPattern: bits).magnitude, 0)
    case Tape.uint64: return (bits, 0)
    default: return shortestDecimal(Double(bitPattern: bits))
    }
  }

  /// Whether it is a multiple of `divisor`, both taken as the shortest decimals that read back as them: so 0.0075 is a
  /// multiple of 0.0001, which in binary it is not. Exact, and bounded in time for any exponents.
  func isMultiple(of divisor: JSONNumber) -> Bool {
    if isZero { return true }
    let value = decimal
    let divisor = divisor.decimal
    guard divisor.digits != 0 else { return false }
    let shift = value.exponent - divisor.exponent
    if shift >= 0 {
      let modulus = divisor.digits
      let power = Self.powerOfTen(shift, modulo: modulus)
      return Self.product(value.digits % modulus, power, modulo: modulus) == 0
    }
    var scaled = divisor.digits
    for _ in 0..<(-shift) {
      let (next, overflow) = scaled.multipliedReportingOverflow(by: 10)
      // Larger than the value's digits, which aren't zero.
      if overflow || next > value.digits { return false }
      scaled = next
    }
    return value.digits % scaled == 0
  }

  private static func product(_ a: UInt64, _ b: UInt64, modulo modulus: UInt64) -> UInt64 {
    let wide = a.multipliedFullWidth(by: b)
    return modulus.dividingFullWidth((wide.high % modulus, wide.low)).remainder
  }

  private static func powerOfTen(_ exponent: Int, modulo modulus: UInt64) -> UInt64 {
    var result = 1 % modulus
    var base = 10 % modulus
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, base, modulo: modulus) }
      base = product(base, base, modulo: modulus)
      rest >>= 1
    }
    return result
  }
}
