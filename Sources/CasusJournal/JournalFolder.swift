import CasusEvents
import Glibc
import MCAP

/// The folder as it is found: locked, its segments checked, the last one ready to be continued.
struct JournalFolder: ~Copyable {
  let path: String
  let options: JournalOptions
  let names: JournalNames
  let ends: JournalEnds
  private(set) var lock: JournalLock?
  private(set) var segments: [Segment] = []
  /// Goes on in the last segment, when that was not closed.
  private(set) var writer: SegmentWriter?
  /// The last segment, when it was closed and may be continued at the next commit.
  private(set) var continuable: Segment?
  private(set) var recovery = RecoveryReport()

  var last: UInt64 { segments.last.map { $0.next - 1 } ?? 0 }
  private var isWriter: Bool { options.access == .readWrite }

  /// Takes the lock for a writer, and reads what the folder should hold.
  ///
  /// - Parameter given: what it should hold, where a person has decided that.
  init(
    _ path: String, options: JournalOptions, names: JournalNames, taking given: JournalEnds? = nil
  ) throws(JournalError) {
    self.path = path
    self.options = options
    self.names = names
    if let given {
      lock = try JournalLock(path)
      ends = given
      return
    }
    // Before the lock is taken, so that nothing is written where no journal is.
    let found = try JournalEnds(path)
    guard options.access == .readWrite else {
      ends = found
      return
    }
    if let standing = found.standing { throw standing }
    lock = try JournalLock(path)
    ends = try JournalEnds(path)
  }

  mutating func open() throws(JournalError) {
    if let missing = ends.missing { throw missing }
    var names = ends.names
    if isWriter {
      try removeUnfinished()
      for name in ends.givenUp {
        unlink("\(path)/\(name)")
        names.removeFirst()
        recovery.notes.append("removed \(name), which retention had given up")
      }
    }
    // The last one first: it may hold nothing at all.
    var final: (segment: Segment, head: SegmentHead)?
    while final == nil, let name = names.popLast() { final = try openLast(name) }
    var next: UInt64?
    for name in names {
      let (segment, head) = try openClosed(name)
      try follow(head, segment, after: next)
      segments.append(segment)
      next = segment.next
    }
    if let final {
      try follow(final.head, final.segment, after: next)
      segments.append(final.segment)
    }
    recovery.segments = segments.count
    recovery.first = last == 0 ? 0 : segments.first?.first ?? 0
    recovery.last = last
    // A reader beside a writer may find later commits than the card of a moment ago knew.
    if isWriter, let fault = ends.fault(of: last) { throw fault }
  }

  private mutating func removeUnfinished() throws(JournalError) {
    for name in try fileNames(in: path) where name.hasSuffix(".mcap.new") {
      unlink("\(path)/\(name)")
      recovery.notes.append("removed \(name), a segment that was never begun")
    }
  }

  /// Sequences go on from segment to segment, but for those that a repair has written off.
  private func follow(_ head: SegmentHead, _ segment: Segment, after next: UInt64?) throws(JournalError) {
    guard head.journal == ends.card.id else {
      throw JournalEnds.foreign(head, segment.path, in: ends.card.id)
    }
    guard segmentName(head.first) == fileName(segment.path) else {
      throw damaged(.damaged, segment.path, 0, "the file's name is not its first sequence, \(head.first)")
    }
    guard let next, next != head.first else { return }
    guard head.lost?.lowerBound == next else {
      throw damaged(.damaged, segment.path, 0, "begins with sequence \(head.first), \(next) should follow")
    }
  }

  private func openClosed(_ name: String) throws(JournalError) -> (Segment, SegmentHead) {
    let file = try PosixFile("\(path)/\(name)", O_RDONLY)
    do throws(JournalError) {
      guard let closed = try ClosedSegment.load(file) else {
        throw JournalError(.damaged, file: file.path, offset: try file.size, "has no end, though others follow it")
      }
      if options.check == .everything { try closed.checkData(file) }
      return (try segment(file, closed).segment, closed.head)
    } catch {
      throw try explain(error, file)
    }
  }

  /// `nil` when the file holds nothing at all and was removed.
  private mutating func openLast(_ name: String) throws(JournalError) -> (Segment, SegmentHead)? {
    let file = try PosixFile("\(path)/\(name)", isWriter ? O_RDWR : O_RDONLY, faults: options.faults)
    if try isBlank(file) {
      guard name != segmentName(ends.card.newest) else {
        throw ends.lost("it holds nothing, and held events", file: file.path)
      }
      if isWriter { unlink(file.path) }
      recovery.notes.append("left out \(name), which holds nothing")
      return nil
    }
    do throws(JournalError) {
      if let closed = try ClosedSegment.load(file) {
        try closed.checkData(file)
        let (segment, channels) = try segment(file, closed)
        if isWriter, channels.canBeContinued { continuable = segment }
        return (segment, closed.head)
      }
    } catch {
      // The commits may be whole and only what closes the segment is not: the scan tells.
      guard error.code == .damaged else { throw error }
    }
    return try recover(file)
  }

  private mutating func recover(_ file: PosixFile) throws(JournalError) -> (Segment, SegmentHead) {
    let scan = try SegmentScan.read(file)
    var reason: String?
    switch scan.ending {
    case .whole: break
    case .dataEnd: reason = "the segment's end was not finished"
    case .torn(let what): reason = what
    case .damaged(let offset, let what): throw damaged(.damaged, file.path, offset, what)
    }
    let head = scan.head
    let times = (scan.chunks.map(\.startTime).min() ?? 0, scan.chunks.map(\.endTime).max() ?? 0)
    if scan.size > scan.end {
      let isSummary = if case .dataEnd = scan.ending { true } else { false }
      recovery.cuts.append(
        .init(
          file: file.path, offset: scan.end, bytes: scan.size - scan.end, isSummary: isSummary, reason: reason ?? ""))
    }
    let channels: SegmentChannels
    do throws(JournalError) {
      channels = try SegmentChannels(scan.channels, scan.schemas, names, file: file.path)
    } catch {
      throw error.code == .damaged ? damaged(.damaged, file.path, error.offset, error.message) : error
    }
    guard isWriter else {
      let segment = Segment(
        file: file, first: head.first,
        state: .init(
          next: scan.next, end: scan.end, startTime: times.0, endTime: times.1, channels: channels.keys,
          chunks: scan.chunks))
      return (segment, head)
    }
    guard channels.canBeContinued else {
      throw damaged(.damaged, file.path, 0, "the segment's channels contradict each other")
    }
    var end = scan.end
    var crc = scan.crc
    if let number = file.truncate(to: end) { throw JournalError.system("cannot cut", file.path, number: number) }
    let missing = scan.missingIndexes
    if !missing.isEmpty {
      if let number = missing.withUnsafeBytes({ file.write($0, at: end) }) {
        throw JournalError.system("cannot write message indexes", file.path, number: number)
      }
      missing.withUnsafeBytes { crc.update($0) }
      end += UInt64(missing.count)
      recovery.notes.append("wrote the message indexes of the last commit of \(fileName(file.path)) anew")
    }
    if options.sync != .none, let number = file.sync() {
      throw JournalError(.failed, file: file.path, errno: number, "the disk did not confirm the recovery")
    }
    let segment = Segment(
      file: file, first: head.first,
      state: .init(
        next: scan.next, end: end, startTime: times.0, endTime: times.1, channels: channels.keys, chunks: scan.chunks))
    writer = SegmentWriter(
      segment: segment, options: options, names: names, end: end, crc: crc, summary: scan.takeSummary(),
      channels: channels)
    return (segment, head)
  }

  private func segment(
    _ file: PosixFile, _ closed: ClosedSegment
  ) throws(JournalError) -> (segment: Segment, channels: SegmentChannels) {
    let statistics = closed.statistics
    let channels = try SegmentChannels(closed.channels, closed.schemas, names, file: file.path)
    let segment = Segment(
      file: file, first: closed.head.first,
      state: .init(
        next: closed.next, end: try file.size, startTime: statistics.messageStartTime,
        endTime: statistics.messageEndTime, channels: channels.keys, chunks: nil))
    return (segment, channels)
  }

  /// With the place of the damage, and what a person can do.
  private func explain(_ error: JournalError, _ file: PosixFile) throws(JournalError) -> JournalError {
    guard error.code == .damaged else { return error }
    let found = error.offset == nil ? try DataCheck.explain(file) : error
    return damaged(.damaged, file.path, found.offset, found.message)
  }

  private func damaged(
    _ code: JournalError.Code, _ file: String, _ offset: UInt64?, _ reason: String
  ) -> JournalError {
    JournalError(code, file: file, offset: offset, "\(reason); to save what can be read: casus journal repair \(path)")
  }

  private func isBlank(_ file: PosixFile) throws(JournalError) -> Bool {
    let size = try file.size
    guard size <= SegmentHead.limit else { return false }
    var bytes = RecordBuffer()
    try file.readAll(Int(size), at: 0, into: &bytes)
    return bytes.bytes.allSatisfy { $0 == 0 }
  }
}
