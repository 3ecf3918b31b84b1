import CasusEvents
import Glibc
import MCAP

@testable import CasusJournal

extension FuzzTarget {
  /// Any bytes as the only segment of a journal: opening, verifying, reading, repairing never trap; what opens for writing
  /// gives everything it counts, takes one more event, and is sound when it is opened again.
  ///
  /// Bits of the first byte: 1, checksums are made right; 2, the head is written anew with the next eight bytes as its
  /// first sequence.
  static let segment = FuzzTarget(
    name: "segment", dictionary: "mcap", maxBytes: 16_384,
    check: { bytes in
      guard let mode = bytes.first else { return }
      var file = Array(bytes.dropFirst())
      var first: UInt64 = 1
      if mode & 2 != 0, file.count >= 8 {
        first = file.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        file = Bench.withHead(first: first, file.dropFirst(8))
      }
      if mode & 1 != 0 { Checksums.repair(&file) }
      let bench = Bench(file, first: first, isForged: mode & 3 != 0)
      bench.readOnly()
      if !bench.recoverAndGoOn() { bench.repair() }
    },
    seeds: { _ in
      let open = Bench.journal(commits: 2, size: 2, close: false)
      let closed = Bench.journal(commits: 2, size: 2, close: true)
      return [[0] + open, [1] + open, [0] + closed, [1] + closed, [3, 5, 0, 0, 0, 0, 0, 0, 0] + open]
    })

  /// A sound segment that is cut, overwritten, extended or has bits flipped, as the input says. Whatever opens gives a
  /// prefix of what was written, byte for byte; where the file was only cut, it opens and loses nothing that was whole.
  static let recovery = FuzzTarget(
    name: "recovery", maxBytes: 64,
    check: { bytes in
      var file = Bench.sample
      var cut: Int?
      var touched = false
      var rest = bytes[...]
      while rest.count >= 4 {
        let operation = rest.removeFirst()
        let place = Int(rest.removeFirst()) | Int(rest.removeFirst()) << 8
        let value = rest.removeFirst()
        let offset = place % max(file.count, 1)
        switch operation % 5 {
        case 0:
          file.removeLast(file.count - min(offset, file.count))
          cut = file.count
        case 1 where !file.isEmpty:
          file[offset] ^= 1 << (value & 7)
          touched = true
        case 2:
          for index in offset..<min(offset + Int(value), file.count) { file[index] = 0 }
          touched = true
        case 3:
          file += Array(repeating: value, count: place % 300)
          touched = true
        default:
          for index in offset..<min(offset + 16, file.count) { file[index] = value }
          touched = true
        }
      }
      let bench = Bench(file, first: 1)
      guard let journal = bench.open() else {
        require(touched || file.count < Bench.headEnd, "a segment that was only cut does not open")
        bench.repair()
        return
      }
      let events = Bench.events(of: journal)
      require(Bench.sampleEvents.starts(with: events), "what was recovered is no prefix of what was written")
      if !touched, let cut {
        let whole = Bench.commitEnds.filter { $0.end <= cut }.last?.events ?? 0
        require(events.count >= whole, "\(whole) events were whole and \(events.count) are there")
      }
    },
    seeds: { _ in
      [[0, 0, 4, 0], [1, 200, 0, 3], [2, 0, 3, 40], [3, 9, 0, 0], [4, 0, 2, 7], [0, 0, 2, 0, 3, 5, 0, 1]]
    })

  /// Any bytes as a log of values; what opens holds the same after it is written to and opened again.
  static let values = FuzzTarget(
    name: "values", maxBytes: 2048,
    check: { bytes in
      Bench.begin()
      Scratch.write(Array(bytes), to: Bench.log)
      guard let log = try? Bench.openLog() else { return }
      do {
        var values = try contents(log)
        let key = ValueKey(kind: 7, name: "fuzz", number: 1)
        try log.write([.init(key, [1, 2, 3])])
        values[key] = [1, 2, 3]
        let again = try Bench.openLog()
        require(try contents(again) == values, "what was written is not what is read")
      } catch { fatalError("\(error)") }
    },
    seeds: { _ in
      Bench.begin()
      do {
        let log = try Bench.openLog()
        let key = ValueKey(kind: 1, name: "a/b#main")
        try log.write([.init(key, [1, 2, 3]), .init(ValueKey(kind: 2, name: "a/b#main", number: 9), [])])
        try log.write([.init(key, nil)])
        return [try Scratch.contents(Bench.log)]
      } catch { fatalError("\(error)") }
    })

  private static func contents(_ log: ValueLog) throws(JournalError) -> [ValueKey: [UInt8]] {
    var values: [ValueKey: [UInt8]] = [:]
    try log.readAll { key, value in values[key] = [UInt8](value) }
    return values
  }
}

/// A journal's folder with one segment, and what is done to it.
struct Bench {
  private static let path = "\(Scratch.folder)/journal"

  private static var options: JournalOptions {
    var options = JournalOptions()
    options.sync = .none
    options.compression = .none
    return options
  }

  /// Whether checksums were made right: then opening, which reads no event of a closed segment, cannot know that its
  /// events do not follow each other; reading says so.
  private let isForged: Bool

  init(_ file: [UInt8], first: UInt64, isForged: Bool = false) {
    self.isForged = isForged
    Self.begin(first: first)
    Scratch.write(file, to: "\(Self.path)/\(segmentName(first))")
  }

  /// Whose journal it always is, so that inputs of another run are still its segments.
  static let id = JournalID(String(repeating: "5f", count: JournalID.size)) ?? JournalID()

  static let log = "\(path)/schemas.log"

  /// An empty journal that may have had any number of events from this sequence on.
  static func begin(first: UInt64 = 1) {
    mkdir(path, 0o700)
    Scratch.clear(path)
    do {
      try FileJournal.make(path, sync: .none)
      var card = try CardFile.read(in: path)
      for name in JournalCard.logs {
        _ = try ValueLogFile(for: "\(path)/\(name)", id: id, generation: 1, sync: .none, faults: nil).finish(
          in: path, keepingOldAs: nil)
      }
      card.id = id
      card.marks = [:]
      (card.first, card.state, card.reserved) = (min(max(first, 1), 1 << 62), .open, 1 << 62)
      Scratch.write(card.text, to: "\(path)/\(JournalCard.name)")
    } catch { fatalError("\(error)") }
  }

  static func openLog() throws(JournalError) -> ValueLog {
    let journal = try FileJournal.open(path, options: options)
    defer { journal.release() }
    return try ValueLog(in: journal, name: "schemas.log", sync: .none)
  }

  func open() -> FileJournal? { try? FileJournal.open(Self.path, options: Self.options) }

  func readOnly() {
    _ = try? verifyJournal(Self.path) { _, _ in }
    var options = Self.options
    options.access = .readOnly
    guard let journal = try? FileJournal.open(Self.path, options: options) else { return }
    guard let reader = try? journal.reader(from: journal.firstSequence) else { return }
    while let batch = try? reader.next() { for record in batch { _ = record.event.count } }
    _ = try? journal.sequence(at: Timestamp(nanoseconds: 5))
  }

  /// False when the journal does not open, or not far enough from the end of all sequences.
  func recoverAndGoOn() -> Bool {
    guard let journal = open() else { return false }
    if isForged, !isReadable(journal) { return false }
    let events = Self.events(of: journal)
    let last = journal.lastSequence
    // Beyond what the journal's card says may have been given it is another journal.
    guard last < 1 << 61 else { return true }
    guard (try? Self.append(1, to: journal)) != nil else { return true }
    do { try journal.close() } catch { fatalError("a journal that took an event does not close: \(error)") }
    guard let again = open() else { fatalError("a journal that was closed does not open") }
    require(again.lastSequence == last + 1, "\(again.lastSequence) is not one more than \(last)")
    let found = Self.events(of: again)
    require(found.count == events.count + 1 && found.starts(with: events), "an event was lost")
    return true
  }

  private func isReadable(_ journal: FileJournal) -> Bool {
    do throws(JournalError) {
      let reader = try journal.reader(from: journal.firstSequence)
      while try reader.next() != nil {}
      return true
    } catch {
      require(error.code == .damaged, "\(error)")
      try? journal.close()
      return false
    }
  }

  /// After a repair a journal is sound and opens, or says that its end is gone; or there was nothing that could be repaired.
  func repair() {
    guard let before = try? verifyJournal(Self.path, visit: { _, _ in }) else { return }
    require(!before.isSound, "what does not open is sound")
    guard (try? repairJournal(Self.path)) != nil else { return }
    do {
      let journal = try FileJournal.open(Self.path, options: Self.options)
      _ = Self.events(of: journal, areAllThere: false)
    } catch  where error.code == .lost {
      // Where the end was damaged a person says where it goes on.
      return
    } catch { fatalError("a repaired journal does not open: \(error)") }
    guard let verification = try? verifyJournal(Self.path, envelopes: false, visit: { _, _ in }) else {
      fatalError("a repaired journal cannot be read")
    }
    require(verification.isSound, "a repaired journal has problems: \(verification.problems)")
  }

  /// Everything that the journal counts, or a trap; a repair may have written some off.
  static func events(of journal: FileJournal, areAllThere: Bool = true) -> [[UInt8]] {
    do {
      var events: [[UInt8]] = []
      let reader = try journal.reader(from: journal.firstSequence)
      while let batch = try reader.next() { for record in batch { events.append(Array(record.event)) } }
      let counted = journal.lastSequence == 0 ? 0 : journal.lastSequence &- journal.firstSequence &+ 1
      require(
        areAllThere ? UInt64(events.count) == counted : UInt64(events.count) <= counted,
        "\(events.count) events can be read of \(counted)")
      return events
    } catch { fatalError("a journal that opened cannot be read: \(error)") }
  }

  private static func append(_ count: Int, to journal: FileJournal) throws(JournalError) {
    let batch = journal.makeBatch()
    for number in 0..<count {
      let sequence = journal.lastSequence + UInt64(number) + 1
      let event = Array(#"{"id":"e-\#(sequence)","source":"//a/b","type":"casus.effect.v1"}"#.utf8)
      let edition = journal.edition(of: try journal.type(.effect), schema: Array("{}".utf8))
      let sender = try journal.sender("a/b")
      let result = event.withUnsafeBytes { bytes in
        Result { () throws(JournalError) in
          try batch.append(
            sequence: sequence, recorded: Timestamp(nanoseconds: 1000), sender: sender, edition: edition,
            flags: .exercise,
            published: Timestamp(nanoseconds: 900), event: bytes)
        }
      }
      try result.get()
    }
    _ = try journal.commit(batch)
  }

  /// The bytes of a segment with so many commits.
  static func journal(commits: Int, size: Int, close: Bool) -> [UInt8] {
    let bench = Bench([], first: 1)
    guard let journal = bench.open() else { fatalError("no journal") }
    do {
      for _ in 0..<commits { try append(size, to: journal) }
      if close { try journal.close() }
      return try Scratch.contents("\(path)/\(segmentName(1))")
    } catch { fatalError("\(error)") }
  }

  static func withHead(first: UInt64, _ body: some Collection<UInt8>) -> [UInt8] {
    var buffer = RecordBuffer()
    _ = SegmentHead(first: first, broker: "", journal: Bench.id).append(to: &buffer)
    return Array(buffer.bytes) + body.dropFirst(headEnd)
  }

  static let sample = journal(commits: 4, size: 3, close: false)
  static let sampleEvents: [[UInt8]] = {
    guard let journal = Bench(sample, first: 1).open() else { fatalError("no sample") }
    return events(of: journal)
  }()

  static let headEnd: Int = {
    var buffer = RecordBuffer()
    _ = SegmentHead(first: 1, broker: "", journal: Bench.id).append(to: &buffer)
    return buffer.count
  }()

  /// Where each commit of the sample ends, without its message indexes, and how many events there are up to it.
  static let commitEnds: [(end: Int, events: Int)] = {
    var ends: [(end: Int, events: Int)] = []
    var position = headEnd
    while position + 9 <= sample.count {
      let length = (0..<8).reversed().reduce(0) { $0 << 8 | Int(sample[position + 1 + $1]) }
      let end = position + 9 + length
      if sample[position] == Opcode.chunk.rawValue { ends.append((end, (ends.last?.events ?? 0) + 3)) }
      position = end
    }
    return ends
  }()
}
