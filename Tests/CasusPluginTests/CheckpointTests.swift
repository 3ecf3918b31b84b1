import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

@testable import CasusPlugin

/// Remembers what it has seen, and says all of it with the sixth.
private struct Memory: CheckpointedAnalyzer {
  static let manifest = Manifest(
    program: "memory", version: "1.0.0", summary: "EXERCISE", publishes: [Note.type], subscribes: ["casus.detection.v1"]
  )
  var state: [String] = []
  init(settings: Settings) {}
  init() {}

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    state.append(event.envelope.id)
    guard state.count == 6 else { return [] }
    return [Draft(Note(text: state.joined(separator: " ")), id: "all", tlp: .green, exercise: true)]
  }
}

/// State is kept in a file, and taken up where it fits.
@Suite("A checkpoint", .timeLimit(.minutes(15)))
struct CheckpointTests {
  private static let place = CheckpointFile.Place(fold: "f", journal: "j")

  @Test func `is read as it was written, and only by who may take it up`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("checkpoint")
    let file = CheckpointFile(path: path, place: Self.place)
    #expect(file.read(through: 100).found == nil && file.read(through: 100).reason == nil)
    let state = Array("[\"EXERCISE\\n\"]\n".utf8)
    try file.write(state, through: 7)
    let found = try #require(file.read(through: 7).found)
    #expect(found.state == state && found.sequence == 7)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    func reason(_ place: CheckpointFile.Place, _ acked: UInt64) -> String? {
      let (found, reason) = CheckpointFile(path: path, place: place).read(through: acked)
      #expect(found == nil)
      return reason
    }
    #expect(reason(Self.place, 6)?.contains("only 6 is acknowledged") == true)
    #expect(reason(.init(fold: "f", journal: "k"), 7)?.contains("journal j") == true)
    #expect(reason(.init(fold: "g", journal: "j"), 7)?.contains("another one") == true)
    let bytes = try Data(contentsOf: URL(filePath: path))
    for place in [0, bytes.count / 2, bytes.count - 2] {
      var damaged = bytes
      damaged[place] ^= 1
      try damaged.write(to: URL(filePath: path))
      #expect(reason(Self.place, 7) != nil, "byte \(place)")
    }
    for count in [0, 1, bytes.count - 1] {
      try bytes.prefix(count).write(to: URL(filePath: path))
      #expect(reason(Self.place, 7) != nil, "\(count) bytes")
    }
  }

  @Test func `is of one program, version, identity, right and setting`() {
    func fold(
      version: String = "1", identity: String = "a/b", rights: [String] = ["RED"], settings: String = "{}",
      types: [String] = ["x.>"]
    ) -> String {
      let manifest = Manifest(program: "p", version: version, summary: "", publishes: [], subscribes: types)
      return CheckpointFile.fold(manifest, identity: identity, rights: rights, settings: Array(settings.utf8))
    }
    let all = [
      fold(), fold(version: "2"), fold(identity: "a/c"), fold(rights: ["AMBER"]), fold(settings: "{ }"),
      fold(types: ["x.>", "RED"]), fold(rights: []),
    ]
    #expect(Set(all).count == all.count && fold() == fold())
  }

  private func run(_ bus: Bus, _ folder: TemporaryFolder) -> Task<Void, any Error> {
    let settings = Settings(path: nil, stateDirectory: folder.path, identity: "xx.exercise/tester")
    return Task { try await AnalyzerRunner(Memory(), bus, settings, pace: (every: 2, atEnd: 1)).run() }
  }

  @Test func `lets a new start read only what lies behind it`() async throws {
    let folder = TemporaryFolder()
    let first = try FakeBroker()
    var bus = try await Bus.connect(try first.connection(), logger: quiet)
    var task = run(bus, folder)
    let request = try await first.wait { heard in heard.compactMap(\.subscribe).first }
    _ = try await first.wait { heard in heard.first { $0.credit != nil } }
    first.deliver(request.subscription, events(1...3))
    _ = try await first.wait { heard in heard.compactMap(\.ack).last.flatMap { $0.through == 3 ? $0 : nil } }
    task.cancel()
    _ = await task.result
    await bus.close()
    first.stop()

    let second = try FakeBroker { heard in
      guard let request = heard.subscribe else { return nil }
      if request.name != nil {
        return [.init(.subscribed(Subscribed(subscription: request.subscription, next: 5, acked: 4, last: 6)))]
      }
      return [
        .init(.subscribed(Subscribed(subscription: request.subscription, next: 4, acked: nil, last: 6))),
        FakeBroker.delivery(request.subscription, events(4...6)),
      ]
    }
    bus = try await Bus.connect(try second.connection(), logger: quiet)
    task = run(bus, folder)
    let requests = try await second.wait { heard in
      let all = heard.compactMap(\.subscribe)
      return all.count == 2 ? all : nil
    }
    #expect(requests[1].start == .sequence(4))
    _ = try await second.wait { heard in heard.first { $0.credit?.subscription == requests[0].subscription } }
    second.deliver(requests[0].subscription, events(5...6))
    let published = try await second.wait { heard in heard.first { $0.publish != nil } }
    let stamp = Stamp(sequence: 1, recorded: Timestamp(nanoseconds: 0), sender: "", flags: [])
    let note = try RecordedEvent(stamp: stamp, bytes: try #require(published.events.first)).data(as: Note.self)
    #expect(note.text == "e-1 e-2 e-3 e-4 e-5 e-6")
    task.cancel()
    _ = await task.result
    await bus.close()
    second.stop()
  }
}
