import IJSON
import Testing

@Suite("The strict reader refuses what two readers would read differently")
struct InteroperabilityTests {
  @Test(
    arguments: [
      [0xEF, 0xBB, 0xBF, 0x5B, 0x5D], [0xFE, 0xFF, 0, 0x5B, 0, 0x5D], [0xFF, 0xFE, 0x5B, 0, 0x5D, 0],
      [0xEF, 0xBB, 0xBF],
    ] as [[UInt8]])
  func `a byte order mark is refused in every encoding`(bytes: [UInt8]) {
    let code = refusal(bytes)?.code
    #expect(code == (bytes[0] == 0xEF ? .byteOrderMark : .invalidUTF8))
  }

  @Test(
    arguments: [
      ([0x5B, 0, 0x5D, 0], .invalidUTF8), ([0, 0x5B, 0, 0x5D], .invalidUTF8), ([0x31, 0], .invalidUTF8),
      ([0x5B, 0, 0, 0, 0x5D, 0, 0, 0], .invalidUTF8), ([0, 0, 0, 0x5B, 0, 0, 0, 0x5D], .invalidUTF8),
      ([0x5B, 0, 0x5D], .syntax), ([0x5B, 0, 0x5D, 0x0A], .syntax), ([0], .syntax), ([0x5B, 0x5D, 0, 0], .syntax),
    ] as [([UInt8], JSONError.Code)])
  func `UTF-16 and UTF-32 are named, also without a mark`(bytes: [UInt8], code: JSONError.Code) {
    #expect(refusal(bytes)?.code == code)
  }

  @Test(
    arguments: [
      [0xFF], [0x80], [0xC3], [0xC3, 0x28], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
      [0xFC, 0x84, 0x80, 0x80, 0x80],
      [0xF0, 0x9F, 0x92], [0xE9],
    ] as [[UInt8]])
  func `bytes that are not UTF-8 are refused, in names too`(sequence: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let inString = refusal([0x5B, quote] + sequence + [quote, 0x5D])
    #expect(inString?.code == .invalidUTF8)
    #expect(inString?.offset == 2)
    #expect(inString?.pointer == "/0")
    #expect(refusal([0x7B, quote] + sequence + [quote, 0x3A, 0x31, 0x7D])?.code == .invalidUTF8)
    // Outside of a string no such byte is JSON at all.
    #expect(refusal([0x5B] + sequence + [0x5D]) != nil)
  }

  @Test(arguments: [
    "\\ud800", "\\uDBFF", "\\udc00", "\\uDFFF", "\\ud800\\ud800", "\\udc00\\ud800", "\\ud800\\u0041", "\\ud800a",
    "a\\ud83d", "\\ud83d\\n", "\\ud83d\\ude00\\ud83d", "\\\\\\ud800", "\\ud800\\\\udc00",
  ])
  func `half of a surrogate pair is refused, in names too`(text: String) {
    #expect(refusal("[\"\(text)\"]")?.code == .loneSurrogate)
    #expect(refusal("{\"\(text)\":1}")?.code == .loneSurrogate)
    #expect(refusal("{\"a\":[0,\"\(text)\"]}")?.pointer == "/a/1")
  }

  @Test
  func `an escaped backslash before a u is no escape of a code unit`() {
    #expect(refusal("[\"\\\\ud800\"]") == nil)
    #expect(refusal("[\"\\\\\\\\ud800\"]") == nil)
  }

  @Test(
    arguments: [
      0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x1FFFF, 0x2FFFE, 0x8FFFF, 0xFFFFF, 0x10FFFE, 0x10FFFF,
    ] as [UInt32])
  func `a noncharacter is refused, plain and escaped`(value: UInt32) {
    let plain = refusal("{\"k\":\"ab\(scalar(value))\"}")
    #expect(plain?.code == .noncharacter)
    #expect(plain?.pointer == "/k")
    #expect(plain?.offset == 8)
    #expect(refusal("{\"\(scalar(value))\":0}")?.code == .noncharacter)
    let escaped = Array(scalar(value).utf16).map { "\\u" + String($0, radix: 16) }.joined()
    #expect(refusal("[\"\(escaped)\"]")?.code == .noncharacter)
  }

  @Test(
    arguments: [
      0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0x1FFFD, 0x20000, 0xEFFFD, 0x10FFFD, 0xF900, 0xFEFF,
    ] as [UInt32])
  func `the neighbours of the noncharacters are accepted`(value: UInt32) {
    #expect(refusal("[\"\(scalar(value))\"]") == nil)
  }

  @Test(arguments: [
    "9007199254740993", "-9007199254740993", "9007199254740995", "18446744073709551615", "18446744073709551616",
    "18014398509481985", "1152921504606847000", "100000000000000000000", "-100000000000000000000",
    "9007199254740993.0",
    "9007199254740993.5", "18014398509481984.5", "100000000000000000000.0",
    "-123456789012345678901234567890.5", "1e309", "-1e309", "1e400", "1.8e308", "123.456e789", "1e-400", "-1e-400",
    "0.1e-500", "1e99999999999999999999", "1e-99999999999999999999",
  ])
  func `a number that does not survive a double is refused`(text: String) {
    let error = refusal("{\"n\":[0,\(text)]}")
    #expect(error?.code == .numberRange)
    #expect(error?.pointer == "/n/1")
    #expect(error?.offset == 8)
  }

  @Test(arguments: [
    "0", "-0", "0.0", "-0.000", "0e0", "0e400", "0.0e-400", "-0E+99999", "0.1", "3.141592653589793238462643383279",
    "1e308", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "9007199254740991.4", "1e22",
    "12345678e90", "1e0", "1.0", "1e2",
  ])
  func `zero in any form, and what is only rounded, is accepted`(text: String) {
    #expect(refusal("[\(text)]") == nil)
  }

  @Test(
    arguments: [
      ("9007199254740991", 9_007_199_254_740_991), ("9007199254740992", 9_007_199_254_740_992),
      ("-9007199254740992.00", -9_007_199_254_740_992), ("9007199254740994", 9_007_199_254_740_994),
      ("18014398509481984", 18_014_398_509_481_984), ("18014398509481984.0", 18_014_398_509_481_984),
      ("1.8014398509481984e16", 18_014_398_509_481_984), ("18014398509481984E0", 18_014_398_509_481_984),
      ("-9223372036854775808", Int64.min), ("1152921504606846976", 1 << 60), ("1e2", 100), ("100.0", 100), ("-0", 0),
    ] as [(String, Int64)])
  func `a whole number that a double has is the same number however it is written`(text: String, value: Int64) throws {
    let parser = JSONParser()
    let read = try Array("{\"n\":\(text)}".utf8).withUnsafeBytes { try parser.parse($0)["n"]?.int64 }
    #expect(read == value)
  }

  @Test(arguments: [
    ("9007199254740993", true), ("18446744073709551615", true), ("-9223372036854775808", true), ("1e-400", true),
    ("18446744073709551616", false), ("-9223372036854775809", false), ("1e400", false),
  ])
  func `the rule for doubles takes what fits 64 bits and refuses what doesn't`(text: String, isAccepted: Bool) {
    let error = refusal("[\(text)]", limits: .init(numbers: .binary64))
    #expect((error == nil) == isAccepted)
    if let error { #expect(error.code == .numberRange) }
  }

  @Test(arguments: [
    "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1,\"\":2}",
    "{\"/\":1,\"\\/\":2}",
    "{\"é\":1,\"\\u00e9\":2}", "{\"😀\":1,\"\\ud83d\\ude00\":2}", "{\"correlationid\":1,\"correlationid\":2}",
    "{\"a\\nb\":1,\"a\\u000Ab\":2}",
  ])
  func `twice the same name is refused, however it is written`(text: String) {
    #expect(refusal(text)?.code == .duplicateKey)
    #expect(refusal("[0,{\"in\":\(text)}]")?.pointer?.hasPrefix("/1/in/") == true)
  }

  @Test(arguments: [
    // Composed and decomposed: canonically equivalent, but not the same bytes.
    "{\"\u{E9}\":1,\"e\u{301}\":2}", "{\"a\":1,\"A\":2}", "{\"a\":1,\"a \":2}", "{\"a\":1,\"a\\u0000\":2}",
    "{\"\":1,\" \":2}",
    "{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":1}]", "{\"abcdefgh1\":1,\"abcdefgh2\":2}",
    "{\"abcdefghijklmnop\":1,\"abcdefghijklmnoq\":1}",
  ])
  func `names that only look alike are different`(text: String) {
    #expect(refusal(text) == nil)
  }

  @Test(arguments: [2, 8, 15, 16, 17, 18, 40, 300, 5000])
  func `a name repeated far away is found in an object of any size`(count: Int) {
    let members = (0..<count).map { "\"key\($0)\":\($0)" }
    #expect(refusal("{" + members.joined(separator: ",") + "}") == nil)
    for repeated in [0, count / 2, count - 1] {
      let error = refusal("{" + (members + ["\"key\(repeated)\":true"]).joined(separator: ",") + "}")
      #expect(error?.code == .duplicateKey)
      #expect(error?.pointer == "/key\(repeated)")
    }
  }
}
