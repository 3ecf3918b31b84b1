extension Timestamp {
  /// Reads an RFC 3339 date-time, exactly: `2026-08-14T09:30:00.123456789+09:00`.
  ///
  /// Nil when the text isn't one, when the day doesn't exist, when it has more than nine fraction digits other than
  /// zeros (they would be lost), when it is a leap second (it has no place in the count), or outside the range.
  public init?(rfc3339 text: String) {
    var text = text
    guard let time = text.withUTF8({ Timestamp(rfc3339: $0) }) else { return nil }
    self = time
  }

  /// The same of UTF-8 bytes. Allocates nothing.
  public init?(rfc3339 text: UnsafeBufferPointer<UInt8>) {
    if let moment = Self.plain(text) {
      self.init(nanoseconds: moment)
      return
    }
    var reader = Reader(bytes: text)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
      let day = reader.number(2), reader.skip("T", or: "t"), let hour = reader.number(2), reader.skip(":"),
      let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
      let fraction = reader.fraction(), let offset = reader.offset(), reader.atEnd
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year), hour <= 23, minute <= 59,
      second <= 59
    else { return nil }
    let seconds = Self.daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
    // Before 1970 the next second is nearer to zero: so the range's first moments don't overflow on the way.
    let borrow: Int64 = seconds < 0 && fraction > 0 ? 1 : 0
    let (whole, overflow) = (seconds + borrow).multipliedReportingOverflow(by: 1_000_000_000)
    let (total, overflowToo) = whole.addingReportingOverflow(fraction - borrow * 1_000_000_000)
    guard !overflow, !overflowToo else { return nil }
    self.init(nanoseconds: total)
  }

  /// Of a text as nearly all are, `2026-08-14T00:30:00Z` with a fraction of up to nine digits or none, from 1970 to 2199 and
  /// on a day that every month has: in a third of the time. Nil says nothing but that it is not like this.
  private static func plain(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard (20...30).contains(text.count), let bytes = text.baseAddress, bytes[text.count - 1] == UInt8(ascii: "Z"),
      bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
    else { return nil }
    let century = two(bytes)
    let yearOfCentury = two(bytes + 2)
    let month = two(bytes + 5)
    let day = two(bytes + 8)
    let hour = two(bytes + 11)
    let minute = two(bytes + 14)
    let second = two(bytes + 17)
    let year = century &* 100 &+ yearOfCentury
    guard century < 100, yearOfCentury < 100, (1970..<2200).contains(year), (1...12).contains(month),
      (1...28).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    if text.count > 20 {
      guard bytes[19] == UInt8(ascii: "."), text.count > 21 else { return nil }
      for place in 20..<text.count - 1 {
        let digit = bytes[place] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        fraction = fraction &* 10 &+ Int64(digit)
      }
      for _ in text.count..<30 { fraction = fraction &* 10 }
    }
    let seconds = (daysSinceEpoch(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    return seconds * 1_000_000_000 + fraction
  }

  /// The number that two digits are; more than any when they are none.
  @inline(__always)
  private static func two(_ bytes: UnsafePointer<UInt8>) -> Int64 {
    let tens = bytes[0] &- UInt8(ascii: "0")
    let ones = bytes[1] &- UInt8(ascii: "0")
    return tens <= 9 && ones <= 9 ? Int64(tens) &* 10 &+ Int64(ones) : 100_000
  }

  /// The moment in UTC with the shortest exact fraction: `2026-08-14T00:30:00.5Z`. Equal moments give equal text.
  public var rfc3339: String {
    var seconds = nanoseconds / 1_000_000_000
    var fraction = nanoseconds % 1_000_000_000
    if fraction < 0 {
      fraction += 1_000_000_000
      seconds -= 1
    }
    var day = seconds / 86_400
    var second = seconds % 86_400
    if second < 0 {
      second += 86_400
      day -= 1
    }
    let (year, month, dayOfMonth) = Self.civil(day)
    var text: [UInt8] = []
    text.reserveCapacity(30)
    Self.append(year, 4, to: &text)
    text.append(UInt8(ascii: "-"))
    Self.append(month, 2, to: &text)
    text.append(UInt8(ascii: "-"))
    Self.append(dayOfMonth, 2, to: &text)
    text.append(UInt8(ascii: "T"))
    Self.append(second / 3600, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Self.append(second / 60 % 60, 2, to: &text)
    text.append(UInt8(ascii: ":"))
    Self.append(second % 60, 2, to: &text)
    if fraction > 0 {
      text.append(UInt8(ascii: "."))
      Self.append(fraction, 9, to: &text)
      while text.last == UInt8(ascii: "0") { text.removeLast() }
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  private static func append(_ value: Int64, _ digits: Int, to text: inout [UInt8]) {
    let start = text.count
    var value = value
    for _ in 0..<digits {
      text.append(UInt8(ascii: "0") + UInt8(value % 10))
      value /= 10
    }
    text[start...].reverse()
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // Both count in years that begin in March, so that the leap day comes last and months follow one formula
  // (the proleptic Gregorian calendar has 146,097 days in 400 years).
  private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}

/// Walks the text; each step says nil or false where the text isn't what it wants.
private struct Reader {
  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0

  var atEnd: Bool { position == bytes.count }

  mutating func skip(_ wanted: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
    guard position < bytes.count else { return false }
    let byte = bytes[position]
    guard byte == UInt8(ascii: wanted) || other.map({ byte == UInt8(ascii: $0) }) ?? false else { return false }
    position += 1
    return true
  }

  mutating func number(_ digits: Int) -> Int64? {
    guard position + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[position..<position + digits] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    position += digits
    return value
  }

  mutating func fraction() -> Int64? {
    guard skip(".") else { return 0 }
    var value: Int64 = 0
    var digits = 0
    while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
      if digits < 9 {
        value = value * 10 + Int64(bytes[position] - 0x30)
      } else if bytes[position] != 0x30 {
        return nil
      }
      digits += 1
      position += 1
    }
    guard digits > 0 else { return nil }
    for _ in 0..<max(0, 9 - digits) { value *= 10 }
    return value
  }

  /// Seconds east of UTC.
  mutating func offset() -> Int64? {
    if skip("Z", or: "z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(2), skip(":"), let minutes = number(2), hours <= 23, minutes <= 59 else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}
