extension TextReader {
  /// RFC 3339, section 5.6: `date-time`.
  mutating func dateTime() -> Bool {
    if isPlainDateTime() {
      position = text.count
      return true
    }
    return date() && skipLetter("t") && time()
  }

  /// Whether the whole text is a time in UTC as nearly all are: `2026-11-23T09:08:15Z`, a fraction or none, no leap
  /// second, no day that only some months have. What is not like this is read byte by byte, in three times the time.
  private func isPlainDateTime() -> Bool {
    guard position == 0, text.count >= 20, let bytes = text.baseAddress, bytes[text.count - 1] == UInt8(ascii: "Z")
    else { return false }
    let month = Self.two(bytes + 5)
    let day = Self.two(bytes + 8)
    guard Self.two(bytes) < 100, Self.two(bytes + 2) < 100, bytes[4] == UInt8(ascii: "-"), month &- 1 < 12,
      bytes[7] == UInt8(ascii: "-"), day &- 1 < 28, bytes[10] == UInt8(ascii: "T"), Self.two(bytes + 11) < 24,
      bytes[13] == UInt8(ascii: ":"), Self.two(bytes + 14) < 60, bytes[16] == UInt8(ascii: ":"),
      Self.two(bytes + 17) < 60
    else { return false }
    if text.count == 20 { return true }
    guard bytes[19] == UInt8(ascii: "."), text.count > 21 else { return false }
    for place in 20..<text.count - 1 where bytes[place] &- UInt8(ascii: "0") > 9 { return false }
    return true
  }

  /// The number that two digits are; 100 or more when they are none.
  @inline(__always)
  private static func two(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    let tens = UInt32(bytes[0] &- UInt8(ascii: "0"))
    let ones = UInt32(bytes[1] &- UInt8(ascii: "0"))
    return tens <= 9 && ones <= 9 ? tens &* 10 &+ ones : 1000
  }

  /// `full-date`: the day must be one of its month.
  mutating func date() -> Bool {
    guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
      let day = number(digits: 2)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let last: Int
    switch month {
    case 2: last = isLeap ? 29 : 28
    case 4, 6, 9, 11: last = 30
    case 1, 3, 5, 7, 8, 10, 12: last = 31
    default: return false
    }
    return (1...last).contains(day)
  }

  /// `full-time`: a second 60 only where a leap second can be, in the last minute of a day in UTC.
  mutating func time() -> Bool {
    guard let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2), minute < 60, skip(":"),
      let second = number(digits: 2), second <= 60
    else { return false }
    if skip("."), digits() == 0 { return false }
    var offset = 0
    if !skipLetter("z") {
      let isBehind = peek == UInt8(ascii: "-")
      guard skip("+") || skip("-"), let hours = number(digits: 2), hours < 24, skip(":"),
        let minutes = number(digits: 2), minutes < 60
      else { return false }
      offset = (hours * 60 + minutes) * (isBehind ? -1 : 1)
    }
    guard second == 60 else { return true }
    let day = 24 * 60
    return ((hour * 60 + minute - offset) % day + day) % day == day - 1
  }

  /// RFC 3339, appendix A: `P1Y2M3DT4H5M6S` or `P1W`, without gaps between the units.
  mutating func duration() -> Bool {
    guard skip("P") else { return false }
    let start = position
    if digits() > 0, skip("W") { return true }
    position = start
    let hasDate = units("Y", "M", "D")
    guard hasDate != nil else { return false }
    guard skip("T") else { return hasDate == true }
    return units("H", "M", "S") == true
  }

  /// Units in their order, each after its digits, none left out between two; whether there was one, nil when malformed.
  private mutating func units(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar) -> Bool? {
    var next = 0
    var found = false
    while let byte = peek, isDigit(byte) {
      _ = digits()
      let rank = skip(first) ? 1 : skip(second) ? 2 : skip(third) ? 3 : 0
      guard rank > 0, rank > next, !found || rank == next + 1 else { return nil }
      next = rank
      found = true
    }
    return found
  }
}
