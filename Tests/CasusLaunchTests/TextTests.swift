import CasusNames
import Testing

@testable import CasusLaunch

@Suite("Texts")
struct TextTests {
  @Test("a span of time is a figure and a unit, and nothing else")
  func spans() {
    #expect(TimeSpan.nanoseconds("500ms") == 500_000_000)
    #expect(TimeSpan.nanoseconds("30s") == 30_000_000_000)
    #expect(TimeSpan.nanoseconds("1.5m") == 90_000_000_000)
    #expect(TimeSpan.nanoseconds("2h") == 7_200_000_000_000)
    for wrong in ["", "s", "5", "-1s", "1e3s", "5 s", "9999999h", "nans"] {
      #expect(TimeSpan.nanoseconds(wrong) == nil)
    }
    #expect(TimeSpan.text(340_000_000) == "340 ms")
    #expect(TimeSpan.text(2_500_000_000) == "2.5 s")
    #expect(TimeSpan.text(60_000_000_000) == "60 s")
    #expect(TimeSpan.written(340_000_000) == "340ms" && TimeSpan.written(2_500_000_000) == "2.5s")
  }

  @Test("lines are cut where they end, and at a bound where they do not")
  func lines() {
    var buffer = LineBuffer(limit: 6)
    #expect(buffer.add("ab".utf8).isEmpty)
    #expect(buffer.add("c\r\n\nde".utf8).map { String(decoding: $0, as: UTF8.self) } == ["abc", ""])
    #expect(buffer.add("fghijk".utf8).map { String(decoding: $0, as: UTF8.self) } == ["defghi"])
    #expect(buffer.finish().map { String(decoding: $0, as: UTF8.self) } == "jk")
    #expect(buffer.finish() == nil)
  }
}
