import CasusEvents
import TestSupport
import Testing

@testable import CasusPlugin

@Suite struct PublishGroupTests {
  private let folder = TemporaryFolder()

  @Test func `events of the file that are settled one by one and in runs are the ones that leave it`() async throws {
    let path = folder.file("outbox")
    let file = try OutboxFile(path, identity: "a/b")
    let group = PublishGroup(count: 9, file: file)
    // Two pieces in a row, one behind a gap in the file.
    for (start, count, skipped) in [(0, 2, 0), (2, 3, 0), (5, 4, 2)] {
      if skipped > 0 {
        var others = try encoded((0..<skipped).map { event("other-\($0)") })
        _ = try await file.keep(&others, replay: false)
      }
      var piece = try encoded((start..<start + count).map { event("\($0)") })
      group.keep(from: start, try await file.keep(&piece, replay: false))
    }
    group.settle(1..<4, .accepted(first: 10, durability: "disk"))
    group.settle(0..<1, .outcome(.accepted(sequence: 3, duplicate: true, durability: "disk")))
    group.settle(4..<7, .accepted(first: 13, durability: "disk"))
    group.settle(8..<9, .outcome(.accepted(sequence: 4, duplicate: true, durability: "disk")))
    await file.close()
    let again = try OutboxFile(path, identity: "a/b")
    #expect(again.left.map(\.event) == [event("other-0"), event("other-1"), event("7")])
    await again.close()
    group.settle(7..<8, .accepted(first: 16, durability: "disk"))
    let sequences = try await group.outcomes().map { outcome in
      if case .accepted(let sequence, _, _) = outcome { sequence } else { UInt64(0) }
    }
    #expect(sequences == [3, 10, 11, 12, 13, 14, 15, 16, 4])
  }

  /// Of a crash there may be as many runs as events, and each may come back as a duplicate.
  @Test func `many runs are settled without looking at all of them each time`() async throws {
    let count = 100_000
    let group = PublishGroup(count: count)
    for place in 0..<count { group.keep(from: place, UInt64(2 * place)..<UInt64(2 * place + 1)) }
    for place in 0..<count {
      group.settle(place..<place + 1, .outcome(.accepted(sequence: UInt64(place), duplicate: true, durability: "")))
    }
    #expect(try await group.outcomes().count == count)
  }
}
