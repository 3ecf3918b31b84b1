import JSONSchema
import Testing

@Suite("Formats, when they are asserted")
struct FormatTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var format: String
    var valid: [String]
    var invalid: [String]

    var testDescription: String { format }
  }

  static let cases: [Case] = [
    Case(
      format: "date-time",
      valid: [
        "2026-03-14T02:11:09Z", "2026-03-14t02:11:09.123456789z", "2024-02-29T23:59:60Z", "1998-12-31T15:59:60.1-08:00",
        "2026-03-14T02:11:09+09:00", "0000-01-01T00:00:00Z",
      ],
      invalid: [
        "2026-03-14 02:11:09Z", "2026-03-14T02:11:09", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-03-14T24:00:00Z", "2026-03-14T02:60:00Z", "2026-03-14T02:11:60Z", "2026-03-14T02:11:09.Z",
        "2026-03-14T02:11:09+0900", "26-03-14T02:11:09Z", "2026-3-14T02:11:09Z", "२०२६-03-14T02:11:09Z", "",
        "2026-03-14T02:11:09Z ", "2026-04-31T00:00:00Z", "1900-02-29T00:00:00Z", "2026-03-14T02:11:09+24:00",
      ]),
    Case(
      format: "date", valid: ["2024-02-29", "2000-02-29"],
      invalid: ["2023-02-29", "2024-2-9", "20240229", "2024-00-01"]),
    Case(format: "time", valid: ["00:00:00Z", "23:59:59.999+05:30"], invalid: ["00:00:00", "24:00:00Z", "0:00:00Z"]),
    Case(
      format: "duration", valid: ["P1Y2M3DT4H5M6S", "P4W", "PT36H", "P1D", "PT1H30M", "P1YT1S", "PT0S"],
      invalid: ["P", "PT", "P1", "P1YT", "P2D1Y", "P1Y1D", "P1W2D", "1Y", "PT1D", "P1H", "PT1H1S", "P1.5D", "p1d"]),
    Case(
      format: "uri",
      valid: [
        "http://user:pass@example.test:80/a/b?q=1#f", "urn:casus:schema:x", "http://[::1]/", "mailto:a@b", "a:",
        "file:///x",
        "http://%41/%e2%82%ac", "http://[v1.a:b]", "tel:+81-3", "a+b-c.d:x",
      ],
      invalid: [
        "", "//jp.nisc/a", "/a", "a", "http://a b", "http://[::1", "http://[1.2.3.4]", "http://a/%4", "http://a/%zz",
        "1a:b", ":a", "http://a:b:c", "http://a/<>", "http://a/\u{E9}", "http://a/\"", "http://a\\b", "#f",
        "http://a#b#c",
      ]),
    Case(
      format: "uri-reference",
      valid: ["", "a", "//jp.nisc/suricata-1", "/a/b", "?q", "#f", "../x", "urn:a", "./a:b", "a/b:c"],
      invalid: ["a b", "\\\\a", "1:b", "#\\", "%", "//[a]/", "a^b", ":a"]),
    Case(
      format: "uuid", valid: ["2EB8AA08-aa98-11EA-B4aa-73B441D16380", "00000000-0000-0000-0000-000000000000"],
      invalid: [
        "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380",
        "2eb8aa08-aa98-11ea-b4ga-73b441d16380", "{}",
      ]),
    Case(
      format: "ipv4", valid: ["0.0.0.0", "192.168.1.255"],
      invalid: ["256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/8", "0x7f.0.0.1", "1..2.3"]),
    Case(
      format: "ipv6",
      valid: [
        "::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "a::b:c", "1:2:3:4:5:6:7::",
      ],
      invalid: [
        "", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "1:2:3:4:5:6:7:1.2.3.4",
        "::1%eth0",
        "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1.2.3", "1.2.3.4", "1:2:3:4:5:6:7:8::",
      ]),
    Case(
      format: "json-pointer", valid: ["", "/", "/a/0", "/~0~1", "/a b/é"], invalid: ["a", "#/a", "/~", "/~2", "/a~"]),
  ]

  /// What ends with `Z` is read in a quicker way than what ends with an offset.
  @Test func `judges a time with Z as the same time with an offset of zero`() throws {
    var random = SystemRandomNumberGenerator()
    let schema = try CompiledSchema.compile(Array(#"{"format":"date-time"}"#.utf8), assertFormats: true)
    var valid = 0
    for _ in 0..<20_000 {
      var text = Array("2026-0\(Int.random(in: 0...9))-\(Int.random(in: 0...3))1T1\(Int.random(in: 0...9)):59:2".utf8)
      text.append(UInt8.random(in: 0x2E...0x3A, using: &random))
      if Bool.random() { text += Array(".\(Int.random(in: 0...999_999))".utf8) }
      if Int.random(in: 0..<3) == 0 {
        text[Int.random(in: text.indices)] = Array("0123456789:-.TtZz /x".utf8)[Int.random(in: 0..<20)]
      }
      let start = String(decoding: text, as: UTF8.self)
      let quick = try schema.failure(of: "\"\(start)Z\"") == nil
      let slow = try schema.failure(of: "\"\(start)+00:00\"") == nil
      #expect(quick == slow, "\(start)")
      if quick { valid += 1 }
    }
    #expect(valid > 1000)
  }

  @Test(arguments: cases)
  func `judge`(each: Case) throws {
    let schema = try CompiledSchema.compile(Array(#"{"format":"\#(each.format)"}"#.utf8), assertFormats: true)
    func json(_ text: String) -> String {
      "\"" + text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined() + "\""
    }
    for text in each.valid { #expect(try schema.failure(of: json(text)) == nil, "\(text)") }
    for text in each.invalid { #expect(try schema.failure(of: json(text))?.keyword == "format", "\(text)") }
    #expect(try schema.failure(of: "7") == nil, "a format is for strings")
  }

  @Test(arguments: ["email", "hostname", "regex", "color"])
  func `leave a format that is not known an annotation`(format: String) throws {
    #expect(try failure(#"{"format":"\#(format)"}"#, "\"(\"", assertFormats: true) == nil)
  }

  @Test
  func `judge too when the dialect asserts them`() throws {
    let documents = [
      "urn:d":
        #"{"$schema":"https://json-schema.org/draft/2020-12/schema","$vocabulary":{"https://json-schema.org/draft/2020-12/vocab/core":true,"https://json-schema.org/draft/2020-12/vocab/format-assertion":true}}"#
    ]
    #expect(try failure(#"{"$schema":"urn:d","format":"ipv4"}"#, "\"x\"", documents: documents) != nil)
  }
}
