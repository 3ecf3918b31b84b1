import MCAP
import Synchronization

/// Reads what a journal that was opened by its summaries alone has not read: the data of its closed segments, against the
/// CRC of each. In small steps, so that whoever does it decides on the pace. One thread at a time; beside the writer.
public final class DataCheck {
  public enum Step: Sendable {
    /// So many bytes are as they were written.
    case read(Int)
    /// A segment is not what was written; the next step goes on behind it.
    case damaged(JournalError)
    case done
  }

  private struct Current {
    var file: PosixFile
    var closed: ClosedSegment
    var position: UInt64 = 0
    var crc = CRC32()
  }

  private let journal: FileJournal
  private var remaining: ArraySlice<Segment>
  private var current: Current?
  private var buffer = RecordBuffer()
  /// Of the segments, in bytes.
  public let bytes: UInt64
  public let segmentCount: Int

  public init(_ journal: FileJournal) {
    self.journal = journal
    // The last one was read when the journal was opened.
    let segments = journal.options.check == .summaries ? journal.segments.withLock { $0 }.dropLast() : []
    remaining = segments[...]
    segmentCount = segments.count
    bytes = segments.reduce(0) { $0 + $1.snapshot.end }
  }

  /// Reads at most 1 MiB.
  public func step() -> Step {
    do throws(JournalError) {
      if current == nil { current = try next() }
      guard var segment = current else { return .done }
      current = nil
      let count = Int(min(1 << 20, segment.closed.dataEnd - segment.position))
      buffer.removeAll()
      try segment.file.readAll(count, at: segment.position, into: &buffer)
      segment.crc.update(buffer.bytes)
      segment.position += UInt64(count)
      if segment.position < segment.closed.dataEnd {
        current = segment
      } else if segment.crc.value != segment.closed.dataCRC {
        return .damaged(try Self.explain(segment.file))
      }
      return .read(count)
    } catch {
      return .damaged(error)
    }
  }

  private func next() throws(JournalError) -> Current? {
    while let segment = remaining.popFirst() {
      // Retention may have taken it meanwhile.
      guard journal.segments.withLock({ $0.contains { $0 === segment } }) else { continue }
      guard let closed = try ClosedSegment.load(segment.file) else {
        throw JournalError(.damaged, file: segment.path, "the segment lost its end since it was opened")
      }
      return Current(file: segment.file, closed: closed)
    }
    return nil
  }

  /// Finds the place of damage that a checksum over the whole file only knows to be there.
  static func explain(_ file: PosixFile) throws(JournalError) -> JournalError {
    let scan = try SegmentScan.read(file)
    if case .damaged(let offset, let reason) = scan.ending {
      return JournalError(.damaged, file: file.path, offset: offset, reason)
    }
    return JournalError(.damaged, file: file.path, "the CRC of the segment's data is not what was written")
  }
}

extension FileJournal {
  /// Events of each sender in the closed segments from the first on, by the summaries alone: `through` is the last that is
  /// counted, `lost` were written off by repairs.
  public func countClosed() throws(JournalError) -> (through: UInt64, lost: UInt64, bySender: [UInt16: UInt64]) {
    var through = firstSequence - 1
    var total: UInt64 = 0
    var bySender: [UInt16: UInt64] = [:]
    for segment in segments.withLock({ $0 }).dropLast() {
      guard !segment.snapshot.isOpen, let closed = try ClosedSegment.load(segment.file) else { break }
      let channels = segment.channels
      for (id, count) in closed.statistics.channelMessageCounts {
        guard let sender = channels[id]?.sender else { continue }
        bySender[sender, default: 0] += count
        total += count
      }
      through = closed.next - 1
    }
    return (through, through + 1 - firstSequence - total, bySender)
  }
}
