import CAllocations
import CasusEvents
import CasusJournal
import CasusWire
import Foundation
import TestSupport
import Testing

@testable import CasusCore
@testable import CasusServer

/// What one batch costs in heap allocations, from the publisher's frame to the delivery, with the real inspector, stage and
/// journal. The thresholds stand in `Tests/Benchmarks/Thresholds/hot-path.json`: when the code needs fewer, lower them.
@Suite("The hot path") struct AllocationGateTests {
  struct Thresholds: Decodable {
    /// Allocations of a batch of 64 events.
    var batch: Int
    /// What 200 events more in the batch add.
    var moreEvents: Int
  }

  /// The thresholds are those of a debug build, where generic code is not specialised.
  #if DEBUG
    private static let canCount = callocations_work() != 0
  #else
    private static let canCount = false
  #endif

  @Test(.enabled(if: canCount, "a sanitizer has its own allocator, and a release build other thresholds"))
  func `a batch allocates no more than its threshold`() throws {
    let path = Checkout.root.appending(path: "Tests/Benchmarks/Thresholds/hot-path.json")
    let thresholds = try JSONDecoder().decode(Thresholds.self, from: try Data(contentsOf: path))
    let small = try HotPath().cost(events: 64)
    let large = try HotPath().cost(events: 264)
    print("hot path: \(small) allocations for 64 events, \(large) for 264")
    #expect(small <= thresholds.batch)
    #expect(large - small <= thresholds.moreEvents)
  }
}

/// A broker without a socket: a publisher, a durable subscriber and a journal in a folder of its own.
private final class HotPath {
  private let folder: String
  private let journal: FileJournal
  private var broker: Broker<SchemaInspector, JournalStage>
  private let publisher = withUnsafeBytes(of: UInt32(1)) { PeerID($0)! }
  private let subscriber = withUnsafeBytes(of: UInt32(2)) { PeerID($0)! }
  private var steady: Int64 = 0
  private var number = 0
  private var delivered = 0
  private let event: [UInt8]
  private let place: Int

  init() throws {
    folder = "/tmp/casus-hot-path-\(getpid())-\(UInt32.random(in: 0...(.max)))"
    var journalOptions = JournalOptions()
    journalOptions.sync = .none
    journalOptions.makesMissing = true
    journal = try FileJournal.open(folder, options: journalOptions)
    func entry(_ name: String) -> PluginEntry {
      PluginEntry(
        identity: "jp.test/\(name)", agency: "jp.test", nation: nil, key: "key-\(name)", roles: [],
        publish: [TypePattern(">")!], subscribe: [TypePattern(">")!])
    }
    var options = BrokerOptions()
    options.dedupEvents = 10_000
    let registry = try #require(Registry([entry("a"), entry("b")]))
    broker = Broker(
      options: options, registry: registry, inspector: SchemaInspector(limits: options.limits),
      stage: JournalStage(journal), past: .init(first: 1, last: 0, cursors: []),
      at: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
    for (type, edition) in try SchemaSet(folder: nil).editions { _ = broker.adopt(edition, of: type) }
    let time = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    let draft = Draft(
      Detection(
        finding: Finding(uid: "EXERCISE", title: "EXERCISE finding", analytic: Analytic(name: "exercise rule")),
        severityID: 1, firstSeen: time, lastSeen: time),
      id: "n00000000", time: time, tlp: .amber)
    let bytes = try draft.encoded(source: "//jp.test/a")
    event = bytes
    place = bytes.indices.first { bytes[$0...].starts(with: "n00000000".utf8) } ?? 0
    for (peer, name) in [(publisher, "a"), (subscriber, "b")] {
      say(.hello(Hello(identity: "jp.test/\(name)", program: "p", version: "1")), peer, name)
    }
    say(
      .subscribe(
        Subscribe(
          subscription: 1, types: ["casus.detection.v1"], name: "work", start: .latest, creditEvents: 1 << 20,
          creditBytes: 1 << 30)), subscriber, "b")
    try settle()
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The median of some batches, after some that fill what is kept for the next ones.
  func cost(events: Int) throws -> Int {
    var counts: [Int] = []
    for _ in 0..<30 {
      let frame = makeFrame(events)
      let control = ClientCommand.publish(Publish(batch: number, count: events)).encoded()
      let key = Array("key-a".utf8)
      delivered = 0
      let before = callocations_count()
      receive(control, frame, publisher, key)
      try settle()
      counts.append(Int(callocations_count() - before))
      #expect(delivered == events)
      say(.ack(Ack(subscription: 1, through: broker.durable)), subscriber, "b")
      say(.credit(Credit(subscription: 1, events: events, bytes: events << 10)), subscriber, "b")
      try settle()
    }
    return counts.suffix(21).sorted()[10]
  }

  private func makeFrame(_ events: Int) -> [UInt8] {
    var frame: [UInt8] = []
    for _ in 0..<events {
      number += 1
      var event = event
      var rest = number
      for digit in (1...8).reversed() {
        event[place + digit] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      PublishBatchWriter.append(event, to: &frame)
    }
    return frame
  }

  private func say(_ command: ClientCommand, _ peer: PeerID, _ name: String) {
    receive(command.encoded(), nil, peer, Array("key-\(name)".utf8))
  }

  private func receive(_ control: [UInt8], _ batch: [UInt8]?, _ peer: PeerID, _ key: [UInt8]) {
    let now = now
    control.withUnsafeBytes { control in
      key.withUnsafeBufferPointer { key in
        if let batch {
          batch.withUnsafeBytes {
            _ = broker.receive(from: peer, user: key, control: control, batch: $0, at: now)
          }
        } else {
          _ = broker.receive(from: peer, user: key, control: control, batch: nil, at: now)
        }
      }
    }
  }

  /// Carries out everything, the commits on this very thread.
  private func settle() throws {
    while true {
      steady += 1_000
      broker.commitStaged(at: now)
      let effects = broker.takeEffects()
      if effects.isEmpty { return }
      for effect in effects {
        switch effect {
        case .commit(let batch): broker.committed(JournalRun(try journal.commit(batch)), took: 0, at: now)
        case .deliver(_, let delivery): delivered += delivery.selected.count
        case .keepFirst(let key, _, _): broker.kept(key, failure: nil, at: now)
        case .feed: broker.feed(at: now)
        default: break
        }
      }
    }
  }

  private var now: Moment { Moment(wall: Timestamp(nanoseconds: steady), steady: steady) }
}
