import CasusEvents
import Testing

@testable import CasusLaunch

@Suite("Crash record")
struct CrashRecordTests {
  private let time = Timestamp(nanoseconds: 1_767_225_600_000_000_000)

  private func crash(_ name: String = "jp.nisc/sensor-1", restarts: Int = 0) -> Crash {
    Crash(name: name, exit: .signal(11), restarts: restarts, restartIn: 500_000_000, lastLine: "EXERCISE")
  }

  @Test
  func `a crash whose answer was lost is the same event again, byte for byte`() throws {
    var record = CrashRecord()
    record.add(crash(), at: time, exercise: true)
    let sent = try #require(record.next).encoded(source: "//jp.nisc/operator")
    // The connection ends between commit and answer; meanwhile another one crashes.
    record.add(crash("jp.nisc/sensor-2"), at: time, exercise: true)
    let again = try #require(record.next).encoded(source: "//jp.nisc/operator")
    #expect(sent == again)
    record.answered()
    #expect(record.next?.subject == "jp.nisc/sensor-2")
    record.answered()
    #expect(record.next == nil)
  }

  @Test
  func `each crash is an event of its own, and a process that is no plugin has none`() throws {
    var record = CrashRecord()
    var ids: Set<String> = []
    for restarts in 0..<3 {
      record.add(crash(restarts: restarts), at: time, exercise: false)
      record.add(crash(restarts: restarts), at: Timestamp(nanoseconds: time.nanoseconds + 1), exercise: false)
    }
    record.add(crash("broker"), at: time, exercise: false)
    while let draft = record.next {
      if let id = draft.id { ids.insert(id) }
      record.answered()
    }
    #expect(ids.count == 6)
  }
}
