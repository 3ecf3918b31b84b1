import Glibc
import MCAP

extension SegmentWriter {
  /// Makes the file under another name, syncs it, renames it and syncs the folder: it is there whole or not at all.
  ///
  /// - Parameter rename: when false, the file keeps its other name, which ends in `.new`.
  static func create(
    in folder: String, head: SegmentHead, options: JournalOptions, names: JournalNames,
    rename isFinal: Bool = true
  ) throws(JournalError) -> SegmentWriter {
    let path = "\(folder)/\(segmentName(head.first))"
    let new = path + ".new"
    var bytes = RecordBuffer()
    let metadata = head.append(to: &bytes)
    unlink(new)
    do throws(JournalError) {
      let file = try PosixFile(new, O_RDWR | O_CREAT | O_EXCL, faults: options.faults)
      if let number = file.write(bytes.bytes, at: 0) {
        throw JournalError.system("cannot write a new segment", new, number: number)
      }
      if options.sync != .none, let number = file.sync() {
        throw JournalError(.failed, file: new, errno: number, "the disk did not confirm a new segment")
      }
      if isFinal {
        guard rename(new, path) == 0 else { throw JournalError.system("cannot name a new segment", path) }
        if options.sync != .none { try PosixFile.syncDirectory(folder, faults: options.faults) }
      }
    } catch {
      unlink(new)
      throw error
    }
    let segment = Segment(
      file: try PosixFile(isFinal ? path : new, O_RDWR, faults: options.faults), first: head.first,
      state: .init(next: head.first, end: UInt64(bytes.count), startTime: 0, endTime: 0, channels: [:], chunks: []))
    return SegmentWriter(
      segment: segment, options: options, names: names, end: UInt64(bytes.count),
      crc: CRC32(CRC32.of(bytes.bytes)), summary: SegmentSummary(metadata: metadata), channels: SegmentChannels())
  }

  /// Cuts the summary off a closed segment and goes on behind its last commit.
  ///
  /// The cut is synced first: after a power cut the segment is closed, or ends with a whole commit.
  static func reopen(
    _ segment: Segment, options: JournalOptions, names: JournalNames
  ) throws(JournalError) -> SegmentWriter {
    guard let closed = try ClosedSegment.load(segment.file) else {
      throw JournalError(.damaged, file: segment.path, "the segment lost its end since it was opened")
    }
    let channels = try SegmentChannels(closed.channels, closed.schemas, names, file: segment.path)
    // Before the cut: a reader must never look for a summary that is gone.
    segment.reopened(end: closed.dataEnd, chunks: closed.chunks)
    if let number = segment.file.truncate(to: closed.dataEnd) {
      throw JournalError.system("cannot cut the summary", segment.path, number: number)
    }
    if options.sync != .none, let number = segment.file.sync() {
      throw JournalError(.failed, file: segment.path, errno: number, "the disk did not confirm a cut")
    }
    return SegmentWriter(
      segment: segment, options: options, names: names, end: closed.dataEnd, crc: CRC32(closed.dataCRC),
      summary: SegmentSummary(closed), channels: channels)
  }
}
