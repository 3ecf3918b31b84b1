import SystemFiles

/// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits. Sorts by time.
func makeUUIDv7() -> String {
  let milliseconds = UInt64(max(SystemClock.wall(), 0) / 1_000_000)
  return uuidv7(milliseconds: milliseconds, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
}

/// The same, of given parts.
func uuidv7(milliseconds: UInt64, random: (UInt64, UInt64)) -> String {
  let high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
  let low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(36)
  for (part, word) in [high, low].enumerated() {
    for place in 0..<16 {
      if part == 0 && (place == 8 || place == 12) || part == 1 && (place == 0 || place == 4) {
        text.append(UInt8(ascii: "-"))
      }
      text.append(digits[Int(truncatingIfNeeded: word >> UInt64(60 - 4 * place)) & 15])
    }
  }
  return String(decoding: text, as: UTF8.self)
}
