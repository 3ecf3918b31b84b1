import ArgumentParser
import CasusEvents
import CasusJournal
import Glibc
import MCAP

/// Flips bits of a journal, one at a time, and wants each to be noticed: the opening is refused, or says what it left out.
struct Flips: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Flip every bit of a journal's segment; exit code 1 when one flip passes in silence.")

  @Argument(help: "An empty folder to work in.") var folder: String
  @Option(help: "Size of the segment in bytes, at least.") var size = 65_536
  @Option(help: "Every how many bits.") var step = 1

  func run() throws {
    for compression in [Compression.none, .lz4] {
      for closed in [false, true] {
        let path = "\(folder)/\(compression == .none ? "plain" : "lz4")-\(closed ? "closed" : "open")"
        try flip(path, compression, closed: closed)
      }
    }
  }

  private func flip(_ path: String, _ compression: Compression, closed: Bool) throws {
    let segment = try make(path, compression, closed: closed)
    let descriptor = open(segment, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw Trouble("\(segment) cannot be opened") }
    defer { close(descriptor) }
    let bytes = Int(lseek(descriptor, 0, SEEK_END))
    var options = JournalOptions()
    options.access = .readOnly
    let whole = try Self.events(path, options).events
    var counts = (flipped: 0, refused: 0, told: 0)
    for place in stride(from: 0, to: bytes * 8, by: step) {
      try Self.turn(descriptor, place)
      counts.flipped += 1
      do throws(JournalError) {
        let (events, isTold) = try Self.events(path, options)
        // What is left is a beginning of what was there, and it was said that something is not.
        guard isTold, events == whole || events.count < whole.count && whole.starts(with: events) else {
          throw JournalError(.io, "bit \(place % 8) of byte \(place / 8) of \(segment) flipped, and nobody noticed")
        }
        counts.told += 1
      } catch {
        guard error.code == .damaged || error.code == .unsupported else { throw error }
        counts.refused += 1
      }
      try Self.turn(descriptor, place)
    }
    print(
      "\(compression == .none ? "plain" : "lz4"), \(closed ? "closed" : "left by a kill"): \(counts.flipped) flips in "
        + "\(bytes) bytes: \(counts.refused) refused, \(counts.told) behind the last commit left out and told, 0 silent"
    )
  }

  /// The digest of every event and whether anything was left out.
  private static func events(
    _ path: String, _ options: JournalOptions
  ) throws(JournalError) -> (events: [SHA256Digest], isTold: Bool) {
    let journal = try FileJournal.open(path, options: options)
    var events: [SHA256Digest] = []
    let reader = try journal.reader(from: 0)
    while let batch = try reader.next() {
      for record in batch { events.append(SHA256Digest(of: record.event)) }
    }
    return (events, !journal.recovery.cuts.isEmpty || !journal.recovery.notes.isEmpty)
  }

  private static func turn(_ descriptor: Int32, _ bit: Int) throws {
    var byte: UInt8 = 0
    guard pread(descriptor, &byte, 1, off_t(bit / 8)) == 1 else { throw Trouble("byte \(bit / 8) cannot be read") }
    byte ^= 1 << UInt8(bit % 8)
    guard pwrite(descriptor, &byte, 1, off_t(bit / 8)) == 1 else { throw Trouble("byte \(bit / 8) cannot be written") }
  }

  private func make(_ path: String, _ compression: Compression, closed: Bool) throws -> String {
    var options = JournalOptions()
    options.compression = compression
    options.sync = .none
    options.makesMissing = true
    let journal = try FileJournal.open(path, options: options)
    let template = try Template(source: "//jp.soak/p1", padding: 0)
    let sender = try journal.sender("jp.soak/p1")
    let edition = journal.edition(of: try journal.type(.detection), schema: Array("{}".utf8))
    let batch = journal.makeBatch()
    var sequence: UInt64 = 1
    while journal.bytes < UInt64(size) {
      for _ in 0..<10 {
        try template.event(sequence).withUnsafeBytes {
          try batch.append(
            sequence: sequence, recorded: Timestamp(nanoseconds: Int64(sequence)), sender: sender, edition: edition,
            flags: [],
            published: nil, event: $0)
        }
        sequence += 1
      }
      _ = try journal.commit(batch)
    }
    if closed { try journal.close() }
    return "\(path)/00000000000000000001.mcap"
  }
}
