import CasusEvents
import Foundation
import TestSupport
import Testing

@testable import CasusJournal

extension TemporaryFolder {
  /// Where the journal is kept; the folder itself stays free for other files.
  var journal: String { file("journal") }
}

/// Events whose every byte follows from their sequence, so that a reader knows what it should read.
enum Exercise {
  static let senders = ["jp.nisc/suricata-1", "us.cisa/zeek-1", "jp.nisc/outage-1"]
  static let types: [EventType] = [.detection, .effect]

  static func type(_ sequence: UInt64) -> EventType { types[Int(sequence % 2)] }
  static func sender(_ sequence: UInt64) -> String { senders[Int(sequence % 3)] }
  static func flags(_ sequence: UInt64) -> StampFlags { sequence % 5 == 0 ? [.exercise, .replayed] : .exercise }
  static func recorded(_ sequence: UInt64) -> Timestamp { Timestamp(nanoseconds: 1_000_000 * Int64(sequence)) }
  static func schema(_ type: EventType) -> [UInt8] { Array("{\"$id\":\"urn:casus:schema:\(type)\"}".utf8) }

  static func event(_ sequence: UInt64) -> [UInt8] {
    let pad = String(repeating: "x", count: Int(sequence % 40))
    return Array(
      """
      {"data":{"note":"EXERCISE \(pad)"},"id":"e-\(sequence)","source":"//\(sender(sequence))","specversion":"1.0",\
      "time":"1970-01-01T00:00:01Z","tlp":"GREEN","type":"\(type(sequence))"}
      """.utf8)
  }

  /// Commits `commits` batches of `size` events behind what is there.
  static func fill(_ journal: FileJournal, commits: Int, of size: Int) throws {
    let batch = journal.makeBatch()
    for _ in 0..<commits {
      try append(size, to: batch, journal)
      _ = try journal.commit(batch)
    }
  }

  static func append(_ count: Int, to batch: CommitBatch, _ journal: FileJournal) throws {
    for _ in 0..<count {
      let sequence = journal.lastSequence + UInt64(batch.count) + 1
      let type = type(sequence)
      try event(sequence).withUnsafeBytes { bytes in
        try batch.append(
          sequence: sequence, recorded: recorded(sequence), sender: try journal.sender(sender(sequence)),
          edition: journal.edition(of: try journal.type(type), schema: schema(type)), flags: flags(sequence),
          published: Timestamp(nanoseconds: 1_000_000_000), event: bytes)
      }
    }
  }

  /// Reads everything from `sequence` on, compares each byte and stamp, and returns the sequences.
  static func read(_ journal: FileJournal, from sequence: UInt64 = 0) throws -> [UInt64] {
    let reader = try journal.reader(from: sequence)
    let types = journal.typeNames
    var sequences: [UInt64] = []
    while let batch = try reader.next() {
      for index in batch.indices {
        let record = batch[index]
        #expect(record.event.elementsEqual(event(record.sequence)), "event \(record.sequence)")
        #expect(types[Int(record.type)] == type(record.sequence))
        #expect(record.published == Timestamp(nanoseconds: 1_000_000_000))
        #expect(
          batch.stamp(at: index)
            == Stamp(
              sequence: record.sequence, recorded: recorded(record.sequence), sender: sender(record.sequence),
              flags: flags(record.sequence)))
        sequences.append(record.sequence)
      }
    }
    return sequences
  }
}

func options(_ change: (inout JournalOptions) -> Void = { _ in }) -> JournalOptions {
  var options = JournalOptions()
  options.sync = .none
  options.broker = "EXERCISE"
  options.makesMissing = true
  change(&options)
  return options
}

/// Changes what a journal knows of itself, for a test that has changed its files behind its back.
func changeCard(_ folder: String, _ body: (inout JournalCard) -> Void) throws {
  try CardFile(CardFile.read(in: folder), in: folder, sync: .none).change(body)
}

/// The journal's segments, oldest first, as paths.
func segments(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mcap") }.sorted()
    .map { "\(folder)/\($0)" }
}

func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

/// Runs PyPI's mcap over files; nil, and says so, where it cannot be had. A dictionary for each file.
func pythonReads(_ files: [String]) throws -> [[String: Any]]? {
  let missing = "PyPI's mcap cannot be had; journals go unchecked by another program"
  guard
    let (status, output) = Checkout.peer(
      "Tests/MCAPTests/mcap_peer.py", venv: "mcap", ["read"] + files, without: missing)
  else { return nil }
  #expect(status == 0)
  return try output.split(separator: "\n").map { line in
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}
