import CasusEvents
import CasusJournal
import CasusWire
import Foundation
import Glibc
import SystemFiles
import TestSupport
import Testing

@testable import CasusCore
@testable import CasusServer

/// The broker's parts beside its socket: the core, a journal of small segments, and two who are registered.
final class ShellFixture {
  let folder = TemporaryFolder()
  let journal: FileJournal
  var broker: Broker<SchemaInspector, JournalStage>
  let schemas: SchemaSet
  private let batch: CommitBatch

  /// - Parameters:
  ///   - commits: so many stand in the journal, of one event each, marked RED where the sequence is a multiple of 5.
  init(commits: Int = 0) throws {
    var options = JournalOptions()
    options.sync = .none
    options.segmentBytes = 3000
    options.makesMissing = true
    journal = try FileJournal.open(folder.file("journal"), options: options)
    batch = journal.makeBatch()
    func entry(_ name: String, _ roles: Set<Role>) -> PluginEntry {
      PluginEntry(
        identity: "jp.test/\(name)", agency: "jp.test", nation: nil, key: "key-\(name)", roles: roles,
        publish: [TypePattern(">")!], subscribe: [TypePattern(">")!])
    }
    schemas = try SchemaSet(folder: nil)
    let registry = try #require(Registry([entry("a", []), entry("op", [.operator])]))
    broker = Broker(
      options: BrokerOptions(), registry: registry, inspector: SchemaInspector(limits: Limits()),
      stage: JournalStage(journal), past: .init(first: 1, last: 0, cursors: []),
      at: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
    for _ in 0..<commits { try commit() }
  }

  static func event(_ sequence: UInt64) -> [UInt8] { Array("{\"id\":\"e-\(sequence)\",\"data\":{}}".utf8) }
  static func recorded(_ sequence: UInt64) -> Timestamp { Timestamp(nanoseconds: 1_000_000_000 * Int64(sequence)) }

  func commit() throws {
    let sequence = journal.lastSequence + 1
    var flags = StampFlags()
    flags.marking = sequence.isMultiple(of: 5) ? .red : .amber
    let edition = journal.edition(of: try journal.type(.detection), schema: Array("{}".utf8))
    try Self.event(sequence).withUnsafeBytes { bytes in
      try batch.append(
        sequence: sequence, recorded: Self.recorded(sequence), sender: try journal.sender("jp.test/a"),
        edition: edition, flags: flags, published: Self.recorded(sequence), event: bytes)
    }
    _ = try journal.commit(batch)
  }

  func join(_ name: String, number: UInt32) {
    let peer = withUnsafeBytes(of: number) { PeerID($0)! }
    let control = ClientCommand.hello(Hello(identity: "jp.test/\(name)", program: "p", version: "1")).encoded()
    control.withUnsafeBytes { control in
      Array("key-\(name)".utf8).withUnsafeBufferPointer { key in
        _ = broker.receive(
          from: peer, user: key, control: control, batch: nil, at: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
      }
    }
    _ = broker.takeEffects()
  }

  var facts: StatusReply.Facts {
    StatusReply.Facts(
      version: "9.9.9", pid: 7, started: "2026-01-01T00:00:00Z", startedSteady: 0, listen: ["tcp://127.0.0.1:1"],
      now: Moment(wall: Timestamp(nanoseconds: 0), steady: 0))
  }

  static func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }
}

/// Looks until the answer is not nil; the suite's limit of time ends what would never end.
@discardableResult
func until<R>(_ look: () throws -> R?) rethrows -> R {
  while true {
    if let found = try look() { return found }
    usleep(1000)
  }
}
