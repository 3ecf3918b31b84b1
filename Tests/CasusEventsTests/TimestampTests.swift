import CasusEvents
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0),
      ("1970-01-01T00:00:00.000000001Z", 1),
      ("1969-12-31T23:59:59.999999999Z", -1),
      ("2026-08-14T09:30:00.123456789+09:00", 1_786_667_400_123_456_789),
      ("2000-02-29T12:00:00-00:30", 951_827_400_000_000_000),
      ("2026-08-14t00:00:00.1230000000000z", 1_786_665_600_123_000_000),
      ("1677-09-21T00:12:43.145224193Z", -9_223_372_036_854_775_807),
      ("2262-04-11T23:47:16.854775807Z", Int64.max),
    ] as [(String, Int64)])
  func `a written time is read to the nanosecond`(text: String, nanoseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: [
    "", "2026-08-14", "2026-08-14T09:30:00", "2026-08-14 09:30:00Z", "2026-8-14T09:30:00Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-08-14T24:00:00Z", "2026-08-14T23:60:00Z", "2016-12-31T23:59:60Z", "2026-08-14T09:30:00.Z",
    "2026-08-14T09:30:00.1234567891Z", "2026-08-14T09:30:00+9:00", "2026-08-14T09:30:00+24:00",
    "2026-08-14T09:30:00Zx", "2262-04-11T23:47:16.854775808Z", "9999-12-31T23:59:59Z", "２０26-08-14T09:30:00Z",
  ])
  func `what is not a time, not a day, too fine or out of range is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test
  func `what is written is read back exactly, and is the shortest`() {
    #expect(Timestamp(nanoseconds: 1_786_667_400_500_000_000).rfc3339 == "2026-08-14T00:30:00.5Z")
    #expect(Timestamp(nanoseconds: 0).rfc3339 == "1970-01-01T00:00:00Z")
    #expect(Timestamp(nanoseconds: -1).rfc3339 == "1969-12-31T23:59:59.999999999Z")
    var nanoseconds = Int64.min + 1
    while nanoseconds < Int64.max - 92_000_000_000_000_007 {
      let moment = Timestamp(nanoseconds: nanoseconds)
      #expect(Timestamp(rfc3339: moment.rfc3339) == moment)
      nanoseconds += 92_000_000_000_000_007
    }
  }

  @Test
  func `a time that ends with Z is the same with an offset of zero, on every day`() throws {
    for day in 0..<31 {
      for digits in 0...11 {
        let fraction = digits == 0 ? "" : "." + "10203040500".prefix(digits)
        let date = "2026-0\(1 + day % 9)-\(day < 9 ? "0" : "")\(day + 1)"
        let start = "\(date)T\(10 + day % 15):\(30 + day % 30):5\(digits)\(fraction)"
        #expect(Timestamp(rfc3339: start + "Z") == Timestamp(rfc3339: start + "+00:00"), "\(start)")
      }
    }
    #expect(Timestamp(rfc3339: "2026-01-01T00:00:00.000000005Z")?.nanoseconds == 1_767_225_600_000_000_005)
    for year in [1969, 1970, 2199, 2200, 2262, 2263] {
      #expect(Timestamp(rfc3339: "\(year)-01-02T03:04:05.5Z") == Timestamp(rfc3339: "\(year)-01-02T03:04:05.5+00:00"))
    }
  }

  @Test
  func `every day from 1970 to 2200 follows the one before`() {
    var previous = ""
    for day in 0..<84_000 {
      let text = Timestamp(nanoseconds: Int64(day) * 86_400_000_000_000).rfc3339
      #expect(text > previous)
      #expect(Timestamp(rfc3339: text)?.nanoseconds == Int64(day) * 86_400_000_000_000)
      previous = text
    }
  }
}
