import CasusEvents
import CasusNames
import Glibc
import SystemFiles
import Testing

@testable import CasusLaunch

@Suite("Texts")
struct TextTests {
  @Test
  func `a span of time is a figure and a unit, and nothing else`() {
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

  @Test
  func `each line of a launch says when it was printed, for people and for programs`() throws {
    func printed(_ form: LogPrinter.Form) throws -> String {
      let path = "/tmp/casus-print-\(getpid())-\(UInt32.random(in: 0...(.max)))"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      defer {
        close(descriptor)
        unlink(path)
      }
      // 2026-08-14T00:30:00.007Z
      var printer = LogPrinter(form: form, names: ["a/x"], descriptor: descriptor) {
        Timestamp(nanoseconds: 1_786_667_400_007_999_999)
      }
      printer.line("a/x", "hello".utf8, isError: false)
      printer.say("stopping", event: "stopping")
      return try Files.text(path)
    }
    #expect(try printed(.plain) == "00:30:00.007 a/x   | hello\n00:30:00.007 casus | stopping\n")
    #expect(
      try printed(.json).split(separator: "\n").allSatisfy { $0.hasSuffix(#","time":"2026-08-14T00:30:00.007Z"}"#) })
  }

  @Test
  func `lines are cut where they end, and at a bound where they do not`() {
    var buffer = LineBuffer(limit: 6)
    #expect(buffer.add("ab".utf8).isEmpty)
    #expect(buffer.add("c\r\n\nde".utf8).map { String(decoding: $0, as: UTF8.self) } == ["abc", ""])
    #expect(buffer.add("fghijk".utf8).map { String(decoding: $0, as: UTF8.self) } == ["defghi"])
    #expect(buffer.finish().map { String(decoding: $0, as: UTF8.self) } == "jk")
    #expect(buffer.finish() == nil)
  }
}
