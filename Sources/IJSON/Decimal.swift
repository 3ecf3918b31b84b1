internal import CSimdjson

/// The shortest decimal that reads back as a finite double's magnitude: digits, at most 17, times ten to the exponent.
/// Allocates nothing.
package func shortestDecimal(_ value: Double) -> (digits: UInt64, exponent: Int) {
  var digits: UInt64 = 0
  var exponent: Int32 = 0
  csimdjson_decimal(abs(value), &digits, &exponent)
  return (digits, Int(exponent))
}
