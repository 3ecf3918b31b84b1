import Testing

@testable import CasusServer

@Suite("A look at the connections") struct ConnectionGuardTests {
  private let megabyte = 1 << 20

  @Test
  func `is due each time while there are few`() {
    var rhythm = ConnectionGuard.Rhythm()
    let due = (0..<30).filter { _ in rhythm.isDue(connections: 63, resident: 50 * megabyte) }
    #expect(due.count == 30)
  }

  @Test
  func `of many waits ten times at most`() {
    var rhythm = ConnectionGuard.Rhythm()
    let due = (0..<31).filter { _ in rhythm.isDue(connections: 1_000, resident: 50 * megabyte) }
    #expect(due == [0, 10, 20, 30])
  }

  @Test
  func `of many is due at once when the memory in use has grown since the last one`() {
    var rhythm = ConnectionGuard.Rhythm()
    var due: [Bool] = []
    for size in [50, 50, 57, 58, 58, 65, 40, 66] {
      due.append(rhythm.isDue(connections: 1_000, resident: size * megabyte))
    }
    #expect(due == [true, false, false, true, false, false, false, true])
  }

  @Test
  func `is due each time where the kernel does not tell of the memory`() {
    var rhythm = ConnectionGuard.Rhythm()
    let due = (0..<30).filter { _ in rhythm.isDue(connections: 1_000, resident: 0) }
    #expect(due.count == 30)
  }
}
