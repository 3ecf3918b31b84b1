import CasusEvents
import Glibc
import MCAP

/// Goes through a journal's segments for `verifyJournal`.
struct JournalCheck: ~Copyable {
  let path: String
  private(set) var ends: JournalEnds?
  private let envelopes: Bool
  private var result: JournalVerification
  private var next: UInt64?
  /// How far the logs' values speak.
  private var reaches: [(name: String, reach: UInt64)] = []

  init(_ path: String, envelopes: Bool) {
    self.path = path
    self.envelopes = envelopes
    result = JournalVerification(path: path)
  }

  /// What the folder should hold; returns the segments' names.
  mutating func begin() throws(JournalError) -> [String] {
    do throws(JournalError) { ends = try JournalEnds(path) } catch {
      guard error.code == .lost else { throw error }
      problem(error)
      return try segmentNames(in: path)
    }
    guard let ends else { return [] }
    result.journal = ends.card.id
    result.isCopy = ends.card.state == .copy
    if let missing = ends.missing { problem(missing) }
    for name in ends.givenUp { result.notes.append("\(name): retention had given it up; the next start removes it") }
    if ends.card.first > 1, ends.missing == nil {
      result.notes.append(
        "the journal begins with sequence \(ends.card.first): what was before was removed by retention, or written off")
    }
    return ends.names
  }

  /// After the segments: whether their end is the journal's.
  mutating func end() {
    // Nil behind damage: nobody knows.
    guard let ends, let next = next ?? (ends.names.isEmpty ? 1 : nil) else { return }
    if ends.missing == nil {
      // A broker beside may have begun to write since the card was read.
      let isBeside = next - 1 > ends.card.reserved && (try? CardFile.read(in: path))?.reserved ?? 0 >= next - 1
      if !isBeside, let fault = ends.fault(of: next - 1) { problem(fault) }
    }
    for (name, reach) in reaches {
      let check = LogCheck(folder: path, name: name, card: ends.card)
      if let fault = check.fault(reaching: reach, beyond: next - 1) { problem(fault) }
    }
  }

  mutating func speaks(_ name: String, of reach: UInt64) { reaches.append((name, reach)) }

  consuming func finish() -> JournalVerification {
    result.first = result.events == 0 ? 0 : result.segments.first?.first ?? 0
    result.last = result.events == 0 ? 0 : result.segments.last?.last ?? 0
    return result
  }

  mutating func segment(
    _ name: String, isLast: Bool, visit: (Stamp, UnsafeRawBufferPointer) -> Void
  ) throws(JournalError) {
    let file = try PosixFile("\(path)/\(name)", O_RDONLY)
    var reader = EventReader(envelopes: envelopes)
    let scan: SegmentScan
    do throws(JournalError) {
      let learn: (Channel) -> Void = { reader.learn($0) }
      scan = try SegmentScan.read(file, learn: learn) { storage, place throws(JournalError) in
        reader.read(storage, place, visit)
      }
    } catch {
      guard error.code != .io else { throw error }
      problem(file, error.offset, error.message)
      next = nil
      return
    }
    for (offset, sequence, message) in reader.problems { problem(file, offset, sequence: sequence, message) }
    follow(scan.head, file)
    checkChannels(scan.channels, scan.schemas, file)
    result.events += scan.next - scan.head.first
    next = scan.next
    var isClosed = false
    switch scan.ending {
    case .whole:
      if !isLast { problem(file, scan.end, "the segment has no end, though others follow it") }
    case .torn(let reason):
      let bytes = scan.size - scan.end
      if isLast {
        result.notes.append("\(name): \(bytes) bytes of an unfinished commit at byte \(scan.end) (\(reason))")
      } else {
        problem(file, scan.end, reason)
      }
    case .damaged(let offset, let reason):
      problem(file, offset, reason)
      next = nil
    case .dataEnd(let crc):
      isClosed = checkEnd(file, scan, crc, isLast: isLast)
    }
    result.segments.append(
      .init(
        file: name, first: scan.head.first, last: scan.next - 1, commits: scan.chunks.count, bytes: scan.size,
        isClosed: isClosed, broker: scan.head.broker))
  }

  /// The summary against the commits that were read.
  private mutating func checkEnd(
    _ file: PosixFile, _ scan: borrowing SegmentScan, _ crc: UInt32, isLast: Bool
  ) -> Bool {
    if crc != scan.crc.value { problem(file, scan.end, "the CRC of the data is not what was written") }
    let closed: ClosedSegment
    do throws(JournalError) {
      guard let found = try ClosedSegment.load(file) else {
        if isLast {
          result.notes.append("\(fileName(file.path)): the segment's end is unfinished; the next start makes it anew")
        } else {
          problem(file, scan.end, "the segment's summary is not whole")
        }
        return false
      }
      closed = found
    } catch {
      problem(file, error.offset, error.message)
      return true
    }
    if closed.chunks.count != scan.chunks.count || !zip(closed.chunks, scan.chunks).allSatisfy({ $0 == $1 }) {
      problem(file, closed.dataEnd, "the chunk indexes are not those of the commits")
    }
    if Set(closed.schemas) != Set(scan.schemas) || Set(closed.channels) != Set(scan.channels) {
      problem(file, closed.dataEnd, "the summary's schemas and channels are not those of the commits")
    }
    if closed.dataEnd != scan.end { problem(file, scan.end, "something stands between the commits and the summary") }
    return true
  }

  private mutating func follow(_ head: SegmentHead, _ file: PosixFile) {
    if result.journal == nil { result.journal = head.journal }
    if let journal = result.journal, head.journal != journal {
      problem(JournalEnds.foreign(head, file.path, in: journal))
    }
    if segmentName(head.first) != fileName(file.path) {
      problem(file, 0, "the file's name is not its first sequence, \(head.first)")
    }
    guard let next, next != head.first else { return }
    if let lost = head.lost, lost.lowerBound == next {
      result.notes.append("sequences \(lost.lowerBound) to \(lost.upperBound) were lost and written off")
    } else {
      problem(file, 0, sequence: next, "begins with sequence \(head.first), \(next) should follow")
    }
  }

  private mutating func checkChannels(_ channels: [Channel], _ schemas: [Schema], _ file: PosixFile) {
    let schemas = Dictionary(schemas.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for channel in channels {
      guard let reason = EventChannel.fault(of: channel, schemas[channel.schemaID]) else { continue }
      problem(file, nil, "channel \(channel.id) (\(channel.topic)) \(reason)")
    }
  }

  mutating func note(_ text: String) { result.notes.append(text) }

  mutating func problem(_ error: JournalError) {
    result.problems.append(
      .init(
        file: error.file.map(fileName) ?? "", offset: error.offset, message: error.message,
        isDamage: error.code != .lost))
  }

  mutating func problem(
    _ file: PosixFile, _ offset: UInt64?, sequence: UInt64? = nil, _ message: String
  ) {
    result.problems.append(.init(file: fileName(file.path), offset: offset, sequence: sequence, message: message))
  }
}

/// Reads the events of a scanned segment; `learn` has told it what the channels mean.
private struct EventReader {
  let envelopes: Bool
  private var channels: [UInt16: EventChannel] = [:]
  private(set) var problems: [(offset: UInt64, sequence: UInt64, message: String)] = []

  init(envelopes: Bool) { self.envelopes = envelopes }

  mutating func learn(_ channel: Channel) { channels[channel.id] = EventChannel(channel) }

  mutating func read(_ storage: BatchStorage, _ place: ChunkPlace, _ visit: (Stamp, UnsafeRawBufferPointer) -> Void) {
    for (index, entry) in storage.entries.enumerated() {
      guard let channel = channels[BatchStorage.channel(entry, in: storage.bytes)] else { continue }
      let event = storage.event(entry)
      let stamp = Stamp(
        sequence: place.first + UInt64(index),
        recorded: Timestamp(nanoseconds: Int64(truncatingIfNeeded: storage.logTime(entry))),
        sender: channel.sender ?? "", flags: channel.flags)
      visit(stamp, event)
      guard envelopes else { continue }
      do throws(EventError) {
        let read = try RecordedEvent(stamp: stamp, bytes: [UInt8](event))
        if read.envelope.type != channel.type {
          problems.append(
            (place.offset, stamp.sequence, "the event is \(read.envelope.type), its channel \(channel.type)"))
        }
      } catch {
        problems.append((place.offset, stamp.sequence, "no event stands here: \(error.message)"))
      }
    }
  }
}
