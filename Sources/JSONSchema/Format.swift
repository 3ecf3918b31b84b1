/// The formats that can be asserted (Validation, section 7.3). Any other `format` is an annotation.
enum Format: UInt32, CaseIterable {
  case dateTime, date, time, duration, uri, uriReference, uuid, ipv4, ipv6, jsonPointer

  var name: String {
    switch self {
    case .dateTime: "date-time"
    case .date: "date"
    case .time: "time"
    case .duration: "duration"
    case .uri: "uri"
    case .uriReference: "uri-reference"
    case .uuid: "uuid"
    case .ipv4: "ipv4"
    case .ipv6: "ipv6"
    case .jsonPointer: "json-pointer"
    }
  }

  /// Whether the text keeps the format. Linear, allocates nothing.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var reader = TextReader(text)
    switch self {
    case .dateTime: return reader.dateTime() && reader.isAtEnd
    case .date: return reader.date() && reader.isAtEnd
    case .time: return reader.time() && reader.isAtEnd
    case .duration: return reader.duration() && reader.isAtEnd
    case .uri: return reader.uriReference(needsScheme: true)
    case .uriReference: return reader.uriReference(needsScheme: false)
    case .uuid: return reader.uuid() && reader.isAtEnd
    case .ipv4: return reader.ipv4() && reader.isAtEnd
    case .ipv6: return reader.ipv6() && reader.isAtEnd
    case .jsonPointer: return reader.jsonPointer()
    }
  }
}

/// Reads a text byte by byte; what is read is passed.
struct TextReader {
  let text: UnsafeBufferPointer<UInt8>
  var position = 0

  init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
  }

  var isAtEnd: Bool { position == text.count }

  var peek: UInt8? { position < text.count ? text[position] : nil }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  /// A letter in either case.
  mutating func skipLetter(_ scalar: Unicode.Scalar) -> Bool {
    guard let byte = peek, byte | 0x20 == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int? {
    guard let byte = peek, isDigit(byte) else { return nil }
    position += 1
    return Int(byte - UInt8(ascii: "0"))
  }

  /// Exactly so many decimal digits, up to 18.
  mutating func number(digits: Int) -> Int? {
    var value = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// One digit or more; how many.
  mutating func digits() -> Int {
    let start = position
    while let byte = peek, isDigit(byte) { position += 1 }
    return position - start
  }

  mutating func hexDigits(atMost limit: Int) -> Int {
    let start = position
    while position - start < limit, let byte = peek, hexValue(byte) != nil { position += 1 }
    return position - start
  }

  func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// RFC 9562: 8-4-4-4-12 hexadecimal digits.
  mutating func uuid() -> Bool {
    guard hexDigits(atMost: 8) == 8 else { return false }
    for _ in 0..<3 where !skip("-") || hexDigits(atMost: 4) != 4 { return false }
    return skip("-") && hexDigits(atMost: 12) == 12
  }

  /// RFC 6901, section 3.
  mutating func jsonPointer() -> Bool {
    guard let first = peek else { return true }
    guard first == UInt8(ascii: "/") else { return false }
    while let byte = peek {
      position += 1
      if byte == UInt8(ascii: "~"), !skip("0"), !skip("1") { return false }
    }
    return true
  }
}
