import CasusEvents
import Glibc
import MCAP

/// What `repairJournal` did.
public struct JournalRepairReport: Hashable, Sendable {
  public struct Rewritten: Hashable, Sendable {
    public var file: String
    /// Where the file as it was is kept.
    public var keptAs: String
    public var saved: UInt64
    public var reason: String
  }

  public var rewritten: [Rewritten] = []
  public var logs: [RewrittenLog] = []
  /// Sequences that are in no file any more; the journal notes them as written off.
  public var lost: [ClosedRange<UInt64>] = []
  public var events: UInt64 = 0

  /// The damage reached the journal's end, or the file `JOURNAL` is gone: how many events stood there is not known, and `acceptLoss` has to say where it goes on.
  public var lostEnd = false

  /// Nothing but unfinished ends was cut.
  public var isLossless: Bool { lost.isEmpty && !lostEnd && logs.isEmpty }
}

/// Makes a damaged journal usable again with every event that can still be read.
///
/// Damaged segments are kept beside it as `….mcap.damaged` and written anew; what cannot be read is written off by
/// name in the next segment, so that readers and `verifyJournal` know. Of a damaged log of values (`ValueLog`) it keeps what
/// stands before the damage. Takes the journal's lock. Sound segments are not touched unless the one before them lost its
/// end. What is missing altogether, and an end that is lost, it leaves to `acceptLoss`; so does it where the file `JOURNAL` is gone,
/// but damaged files it puts right before. Memory: one segment's damaged part.
/// - Throws: `.absent`, `.lost` when the file `JOURNAL` is and nothing is damaged, `.locked`, `.io`, `.diskFull`; a journal that it leaves halfway can be
///   repaired again.
public func repairJournal(_ path: String) throws(JournalError) -> JournalRepairReport {
  // Before the lock is taken, so that nothing is written where no journal is.
  _ = try endsToRepair(path)
  let lock = try JournalLock(path)
  defer { lock.release() }
  let (ends, noCard) = try endsToRepair(path)
  // That it is gone stays to be seen until a person has decided.
  let card = noCard == nil ? CardFile(ends.card, in: path, sync: .disk) : nil
  var report = JournalRepairReport()
  var next: UInt64?
  let names = ends.names
  for (place, name) in names.enumerated() {
    let file = try PosixFile("\(path)/\(name)", O_RDONLY)
    let isLast = place == names.count - 1
    if let end = try soundEnd(file, name, of: ends, after: next, isLast: isLast, &report) {
      next = end
      continue
    }
    let salvage = try Salvage.read(file, named: name)
    // Of the first one its beginning, too, is written off by name.
    if next == nil, segmentFirst(name) == ends.card.first { next = ends.card.first }
    let runs = salvage.runs.filter { run in next.map { run.last >= $0 } ?? true }
    let written = try rewrite(runs, from: salvage, of: ends.card.id, in: path, after: &next, &report)
    if isLast, salvage.end < salvage.dataEnd {
      report.lostEnd = true
      // Before the file looks whole. A backup's end counts as gone anyway.
      if ends.card.state != .copy { try card?.change { $0.state = .cut } }
    }
    let kept = try freeName("\(path)/\(name).damaged")
    guard link(file.path, kept) == 0 else { throw JournalError.system("cannot keep the damaged file", kept) }
    for new in written { guard rename(new + ".new", new) == 0 else { throw JournalError.system("cannot name", new) } }
    if !written.contains(file.path) { unlink(file.path) }
    try PosixFile.syncDirectory(path)
    report.rewritten.append(
      .init(file: name, keptAs: fileName(kept), saved: runs.reduce(0) { $0 + $1.count }, reason: salvage.reason))
  }
  // What it was itself that took away is not missing; what had been missing before still is.
  if ends.missing == nil, !report.rewritten.isEmpty {
    let firsts = try segmentNames(in: path).compactMap(segmentFirst)
    try card?.change { card in
      card.first = firsts.first ?? card.first
      card.newest = firsts.last ?? 0
    }
  }
  for name in JournalCard.logs where LogCheck(folder: path, name: name, card: ends.card).missing == nil {
    if let log = try repairValueLog(path, name, of: ends.card, noting: card) { report.logs.append(log) }
  }
  if let noCard {
    guard !report.rewritten.isEmpty || !report.logs.isEmpty else { throw noCard }
    report.lostEnd = true
  }
  return report
}

/// What the folder should hold; without a card as its files tell, and that it is gone.
private func endsToRepair(_ path: String) throws(JournalError) -> (ends: JournalEnds, noCard: JournalError?) {
  do throws(JournalError) { return (try JournalEnds(path), nil) } catch {
    guard error.code == .lost else { throw error }
    return (try JournalEnds.rebuilt(path, after: error), error)
  }
}

/// The segment's end when nothing needs to be done to it.
private func soundEnd(
  _ file: PosixFile, _ name: String, of ends: JournalEnds, after next: UInt64?, isLast: Bool,
  _ report: inout JournalRepairReport
) throws(JournalError) -> UInt64? {
  guard let scan = try scanUnlessDamaged(file) else { return nil }
  guard scan.head.journal == ends.card.id else { throw JournalEnds.foreign(scan.head, file.path, in: ends.card.id) }
  guard segmentName(scan.head.first) == name else { return nil }
  if let next, next != scan.head.first, scan.head.lost?.lowerBound != next { return nil }
  let end = scan.next
  switch scan.ending {
  case .damaged: return nil
  case .whole, .torn: guard isLast else { return nil }
  case .dataEnd(let crc):
    var isClosed = false
    do throws(JournalError) {
      // A summary that an opening believes has to be that of the commits.
      if let closed = try ClosedSegment.load(file), closed.dataCRC == crc, closed.hasSoundData(file) {
        guard closed.agrees(with: scan) else { return nil }
        isClosed = true
      }
    } catch { guard error.code == .damaged else { throw error } }
    guard isClosed || isLast else { return nil }
  }
  // A broker does not start where a channel has no meaning, nor goes on in an open segment where two have the same.
  guard let channels = try? SegmentChannels(scan.channels, scan.schemas, JournalNames(), file: file.path),
    channels.canBeContinued || !isLast
  else { return nil }
  report.events += end - scan.head.first
  return end
}

private func scanUnlessDamaged(_ file: PosixFile) throws(JournalError) -> SegmentScan? {
  do throws(JournalError) { return try SegmentScan.read(file) } catch {
    guard error.code == .damaged else { throw error }
    return nil
  }
}

/// Writes each run as a segment of its own under a name with `.new`; returns the final names.
private func rewrite(
  _ runs: [Salvage.Run], from salvage: Salvage, of journal: JournalID, in folder: String, after next: inout UInt64?,
  _ report: inout JournalRepairReport
) throws(JournalError) -> [String] {
  var written: [String] = []
  for run in runs {
    let names = JournalNames()
    let batch = CommitBatch(names: names, pool: BatchPool(), maxBytes: ChunkDecoder.limit)
    var writer: SegmentWriter?
    try salvage.read(run, names) { (storage: BatchStorage) throws(JournalError) in
      // Events that an earlier file holds already are not written twice.
      let skip = next.map { $0 > storage.firstSequence ? Int($0 - storage.firstSequence) : 0 } ?? 0
      guard skip < storage.count else { return }
      let first = storage.firstSequence + UInt64(skip)
      if writer == nil {
        var lost: ClosedRange<UInt64>?
        if let next, next < first { lost = next...(first - 1) }
        if let lost { report.lost.append(lost) }
        writer = try SegmentWriter.create(
          in: folder, head: SegmentHead(first: first, broker: salvage.broker, journal: journal, lost: lost),
          options: JournalOptions(), names: names, rename: false)
      }
      for index in skip..<storage.count {
        let entry = storage.entries[index]
        let key = storage.keys[Int(entry.key)]
        try batch.append(
          sequence: storage.firstSequence + UInt64(index),
          recorded: Timestamp(nanoseconds: Int64(truncatingIfNeeded: storage.logTime(entry))), sender: key.sender,
          edition: key.edition, flags: key.flags,
          published: Timestamp(nanoseconds: Int64(truncatingIfNeeded: storage.publishTime(entry))),
          event: storage.event(entry))
      }
      try writer?.commit(batch.storage)
      report.events += UInt64(batch.count)
      next = storage.firstSequence + UInt64(storage.count)
      batch.removeAll()
    }
    if let writer {
      try writer.finish()
      written.append("\(folder)/\(segmentName(writer.segment.first))")
    }
  }
  return written
}
