import CaseIndex
import CasusCases
import CasusEvents
import SeededRandom
import TestSupport
import Testing

@testable import DecisionRecorder

/// The recorder over an index answers as the one over the whole journal.
@Suite struct IndexedRecorderTests {
  private static let owner = IndexOwner(
    journal: "j", at: "k", reader: "joint.recorder/r-1", clearance: "RED", types: [">"])

  private static func bytes(_ drafts: [Draft]) throws -> [String] {
    try drafts.map { String(decoding: try $0.encoded(source: "//x"), as: UTF8.self) }
  }

  @Test(arguments: 1...8)
  func `to every event of any history, also after a new start and when one comes again`(seed: UInt64) async throws {
    var history = try RandomHistory(seed: seed &+ 1000)
    while history.journal.events.count < 160 { try history.step() }
    let policies = [history.journal.policy]
    let folder = TemporaryFolder()
    func start(_ read: some Sequence<RecordedEvent>) async throws -> IndexedRecorder {
      let source = EventList(owner: Self.owner, events: Array(read))
      let index = try await CaseReader.read(
        source, folder: folder.file("cases"), .init(told: { Issue.record("\($0)") })
      ) {
        $0.index
      }
      return IndexedRecorder(index, policies: policies, identity: RecorderTests.identity)
    }
    var random = SeededGenerator(seed: seed)
    var whole = Recorder(policies: policies, identity: RecorderTests.identity)
    var indexed = try await start([])
    var published = 0
    for (place, event) in history.journal.events.enumerated() {
      let expected = try Self.bytes(whole.handle(event))
      published += expected.count
      let answer = try Self.bytes(indexed.handle(event))
      #expect(answer == expected, "seed \(seed), event \(event.stamp.sequence)")
      if Int.random(in: 0..<12, using: &random) == 0 {
        // What was not acknowledged comes again, to a new process that has the index of before.
        indexed = try await start(history.journal.events[...place])
        for event in history.journal.events[max(0, place - 3)...place] { _ = try indexed.handle(event) }
        #expect(try Self.bytes(indexed.handle(event)) == expected, "seed \(seed), event \(event.stamp.sequence) again")
      }
    }
    #expect(published > 0)
  }
}
