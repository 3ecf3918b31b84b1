extension TextReader {
  /// RFC 3339, section 5.6: `date-time`.
  mutating func dateTime() -> Bool {
    date() && skipLetter("t") && time()
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
