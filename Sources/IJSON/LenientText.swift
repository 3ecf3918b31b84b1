/// Mends what a strict parser refuses in a text that is JSON for everything else. Linear.
enum LenientText {
  /// Whether an escape names half of a surrogate pair.
  static func hasHalfPair(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    TextCheck.firstFault(in: text, escapes: true, highBytes: false)?.code == .loneSurrogate
  }

  /// The text in UTF-8, with U+FFFD for each half pair, and numbers that no parser holds in quotes.
  static func mended(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    // The decoder replaces what is not UTF-8.
    var valid = String(decoding: text, as: UTF8.self)
    return valid.withUTF8 { text in
      var mended: [UInt8] = []
      mended.reserveCapacity(text.count + 16)
      var position = 0
      var isInString = false
      while position < text.count {
        let byte = text[position]
        var length = 1
        if isInString {
          if byte == UInt8(ascii: "\\") {
            length = escape(text, position, into: &mended)
            position += length
            continue
          }
          if byte == UInt8(ascii: "\"") { isInString = false }
        } else if byte == UInt8(ascii: "\"") {
          isInString = true
        } else if byte == UInt8(ascii: "-") || isDigit(byte) {
          length = number(text, position, into: &mended)
          position += length
          continue
        }
        mended.append(byte)
        position += length
      }
      return mended
    }
  }

  /// Copies an escape; returns its length.
  private static func escape(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, into mended: inout [UInt8]) -> Int {
    guard start + 1 < text.count, text[start + 1] == UInt8(ascii: "u") else {
      mended.append(contentsOf: text[start..<min(start + 2, text.count)])
      return 2
    }
    let unit = TextCheck.hex4(text, start + 2)
    guard unit & 0xF800 == 0xD800 else {
      mended.append(contentsOf: text[start..<min(start + 6, text.count)])
      return 6
    }
    let isPair =
      unit < 0xDC00 && start + 12 <= text.count && text[start + 6] == UInt8(ascii: "\\")
      && text[start + 7] == UInt8(ascii: "u") && TextCheck.hex4(text, start + 8) & 0xFC00 == 0xDC00
    if isPair {
      mended.append(contentsOf: text[start..<start + 12])
      return 12
    }
    mended.appendText("\\ufffd")
    return 6
  }

  /// Copies a number, in quotes when nothing holds it; returns its length.
  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, into mended: inout [UInt8]) -> Int {
    var end = start + 1
    while end < text.count, NumberCheck.isNumberByte(text[end]) { end += 1 }
    let literal = text[start..<end]
    let digits = String(decoding: literal, as: UTF8.self)
    let isWhole = literal.dropFirst().allSatisfy(isDigit)
    let isHeld = isWhole ? Int64(digits) != nil || UInt64(digits) != nil : Double(digits)?.isFinite ?? true
    let isPlain = isHeld || literal.count < 2 || !isDigit(literal[end - 1])
    if !isPlain { mended.append(UInt8(ascii: "\"")) }
    mended.append(contentsOf: literal)
    if !isPlain { mended.append(UInt8(ascii: "\"")) }
    return end - start
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
