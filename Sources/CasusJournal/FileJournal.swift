public import CasusEvents
import Glibc
import MCAP
import Synchronization

/// The journal in a folder of MCAP segments: one commit is one chunk, written and synced before `commit` returns.
///
///     folder/JOURNAL                       the journal's id, its ends and its logs: see `JournalCard`
///     folder/LOCK                          held by the one writer
///     folder/00000000000000000001.mcap     segments, named by their first sequence; all but the last are closed
///     folder/positions.log, schemas.log    beside it, whoever has the journal keeps values: see `ValueLog`
///
///     magic | Header | Metadata casus-segment | (Chunk | MessageIndex…)… | DataEnd | summary | Footer | magic
///                                               one commit                 only in a closed segment
///
/// A chunk holds the schemas and channels that its segment has not had before, then a message for each event. A channel
/// is a (type, sender, flags). `casus-segment` has `first`, `broker`, `journal`, `format`, where some were written off `lost`, and
/// a `crc32` over those.
///
/// One thread commits; reading, names and figures may be asked for from any thread meanwhile. Memory: a commit's
/// buffers, 48 bytes for each commit of the open segment, and one unpacked chunk a reader.
public final class FileJournal: Journal {
  /// The folder.
  public let path: String
  public let options: JournalOptions
  /// What was found when it was opened.
  public let recovery: RecoveryReport

  /// Which journal it is.
  public let id: JournalID
  /// Nil when it was opened for reading only.
  let card: CardFile?
  let names: JournalNames
  let pool = BatchPool()
  let recentIndexes = RecentIndexes()
  let segments: Mutex<[Segment]>
  private let writer: Mutex<Writer>
  private let last: Atomic<UInt64>
  private let failed = Atomic<Bool>(false)
  private let lock: JournalLock?

  private struct Writer {
    var isClosed = false
    var segment: SegmentWriter?
    /// Closed when it was found, and small enough to go on in it.
    var continuable: Segment?
    /// Written off, before the next segment.
    var lost: ClosedRange<UInt64>?
  }

  /// Opens the journal in `path`; blocks while segments are checked.
  ///
  /// What a crash left unfinished behind the last whole commit is cut off, and `recovery` says so.
  /// - Throws: `.absent`, `.locked`, `.damaged` (with file, offset and what to do), `.lost` (the same), `.unsupported`, `.io`.
  public static func open(
    _ path: String, options: JournalOptions = JournalOptions()
  ) throws(JournalError) -> FileJournal {
    if options.makesMissing, options.access == .readWrite, try isBare(path) { try Self.make(path, sync: options.sync) }
    return try FileJournal(path, options, nil)
  }

  /// Opens what is left of a journal, so that a person's decision about the rest can be written to it.
  static func open(_ path: String, taking ends: JournalEnds) throws(JournalError) -> FileJournal {
    var options = JournalOptions()
    options.check = .summaries
    return try FileJournal(path, options, ends)
  }

  private init(_ path: String, _ options: JournalOptions, _ ends: JournalEnds?) throws(JournalError) {
    self.path = path
    self.options = options
    names = JournalNames()
    var folder = try JournalFolder(path, options: options, names: names, taking: ends)
    try folder.open()
    lock = folder.lock
    id = folder.ends.card.id
    card = lock == nil ? nil : CardFile(folder.ends.card, in: path, sync: options.sync, faults: options.faults)
    recovery = folder.recovery
    segments = Mutex(folder.segments)
    last = Atomic(folder.last)
    writer = Mutex(Writer(segment: folder.writer, continuable: folder.continuable))
  }

  // MARK: Figures

  public var firstSequence: UInt64 { segments.withLock { $0.first?.first } ?? lastSequence + 1 }

  public var lastSequence: UInt64 { last.load(ordering: .acquiring) }

  /// Size of all segments, in bytes.
  public var bytes: UInt64 { segments.withLock { $0.reduce(0) { $0 + $1.snapshot.end } } }

  /// The newest event that is there; nil while there is none.
  var lastKept: UInt64? { segments.withLock { $0.last { $0.snapshot.next > $0.first }.map { $0.snapshot.next - 1 } } }

  /// Sequences between the first and the last that no event has and none will get, rising: what was lost and written off.
  public var gaps: [ClosedRange<UInt64>] {
    let all = segments.withLock { $0 }
    return zip(all, all.dropFirst()).compactMap { earlier, later in
      let next = earlier.snapshot.next
      return later.first > next ? next...(later.first - 1) : nil
    }
  }

  public var segmentCount: Int { segments.withLock { $0.count } }

  /// Whether a failed write or sync has stopped the journal; it stays so until it is opened again.
  public var hasFailed: Bool { failed.load(ordering: .acquiring) }

  // MARK: Names

  public var typeNames: [EventType] { names.types }

  public var senderNames: [String] { names.senders }

  public func type(_ name: EventType) throws(JournalError) -> UInt16 { try names.type(name) }

  public func sender(_ identity: String) throws(JournalError) -> UInt16 { try names.sender(identity) }

  public func edition(of type: UInt16, schema: [UInt8]) -> EditionID { names.edition(of: type, schema: schema) }

  // MARK: Writing

  /// A batch to fill. Keep a few and use them in turn.
  public func makeBatch() -> CommitBatch {
    CommitBatch(
      names: names, pool: pool, maxBytes: min(options.maxBatchBytes, 1 << 30), maxChannels: options.maxChannels)
  }

  /// Writes the batch as one chunk and waits for what `options.sync` promises. For one thread at a time; blocks.
  ///
  /// When it returns, `batch` is empty and may be filled again. When it throws, `batch` is as before and nothing of
  /// it is in the journal. Opens a new segment when the last one is large enough, or has no
  /// numbers left for the batch's channels.
  /// - Throws: `.diskFull`, `.tooManyFiles`, `.readOnly` (try again later), `.failed` (stop: nothing can be taken any more), `.outOfOrder`, `.closed`.
  public func commit(_ batch: CommitBatch) throws(JournalError) -> CommittedBatch {
    guard !hasFailed else { throw JournalError(.failed, file: path, "the journal stopped after a failed write") }
    guard !batch.isEmpty else { throw JournalError(.outOfOrder, "the batch is empty") }
    DescriptorReserve.shared.fill()
    let result: Result<Void, JournalError> = writer.withLock { writer in
      Result { () throws(JournalError) in try write(batch, &writer) }
    }
    do { try result.get() } catch {
      if error.code == .failed { failed.store(true, ordering: .releasing) }
      throw error
    }
    let storage = batch.takeStorage().fitted(pool)
    last.store(storage.firstSequence + UInt64(storage.count) - 1, ordering: .releasing)
    return CommittedBatch(FrozenBatch(storage, names: names, pool: pool), range: 0..<storage.count)
  }

  private func write(_ batch: CommitBatch, _ writer: inout Writer) throws(JournalError) {
    guard !writer.isClosed else { throw JournalError(.closed, file: path, "the journal is closed") }
    guard options.access == .readWrite else { throw JournalError(.closed, file: path, "opened for reading only") }
    guard batch.firstSequence == lastSequence + 1 else {
      throw JournalError(.outOfOrder, "the batch begins at \(batch.firstSequence), the journal ends at \(lastSequence)")
    }
    if let segment = writer.continuable {
      writer.continuable = nil
      if segment.snapshot.end < options.segmentBytes {
        writer.segment = try SegmentWriter.reopen(segment, options: options, names: names)
      }
    }
    if let segment = writer.segment, segment.isLargeEnough || !segment.hasRoom(for: batch.storage) {
      try segment.finish()
      writer.segment = nil
    }
    if writer.segment == nil {
      let segment = try SegmentWriter.create(
        in: path,
        head: SegmentHead(first: batch.firstSequence, broker: options.broker, journal: id, lost: writer.lost),
        options: options, names: names)
      writer.lost = nil
      segments.withLock { $0.append(segment.segment) }
      writer.segment = segment
    }
    guard let segment = writer.segment else { return }
    // The segment is there before the card says so, and the card says so before an event is in it.
    try card?.reserve(through: batch.firstSequence + UInt64(batch.count) - 1, newest: segment.segment.first)
    try segment.commit(batch.storage)
  }

  /// Writes off what lies before `next`: the next commit begins a segment there. To be called before the first one.
  func goOn(at next: UInt64, taking card: JournalCard) throws(JournalError) {
    let result: Result<Void, JournalError> = writer.withLock { writer in
      Result { () throws(JournalError) in
        try writer.segment?.finish()
        (writer.segment, writer.continuable) = (nil, nil)
        let from = try takeBackEmpty(at: next) ?? (segmentCount == 0 ? card.first : lastSequence + 1)
        if from < next { writer.lost = from...(next - 1) }
        var card = card
        if segmentCount == 0 { card.first = next }
        self.card?.replace(card)
        last.store(next - 1, ordering: .releasing)
      }
    }
    try result.get()
  }

  /// The last segment, where it begins there and has no event yet, as an interrupted `goOn` leaves it: it is begun anew. Returns what
  /// it wrote off from.
  private func takeBackEmpty(at next: UInt64) throws(JournalError) -> UInt64? {
    guard let empty = segments.withLock({ $0.last }), empty.first == next else { return nil }
    let lost = try SegmentScan.Start(empty.file, size: try empty.file.size).head.lost
    segments.withLock { _ = $0.removeLast() }
    return lost?.lowerBound
  }

  /// Gives the last segment its summary and lets the lock go. Readers may go on.
  public func close() throws(JournalError) {
    let result: Result<Void, JournalError> = writer.withLock { writer in
      defer { writer.isClosed = true }
      guard !writer.isClosed, !hasFailed else { return .success(()) }
      return Result { () throws(JournalError) in
        try writer.segment?.finish()
        try card?.close(last: lastSequence)
      }
    }
    lock?.release()
    try result.get()
  }

  /// Lets the lock go without a word to the disk, as the end of a process does. For tests.
  func release() { lock?.release() }

  // MARK: Reading

  /// A reader that begins at `sequence`, or at the first that is kept when `sequence` is 0.
  public func reader(from sequence: UInt64) throws(JournalError) -> JournalReader {
    JournalReader(self, from: sequence == 0 ? firstSequence : sequence)
  }

  /// The first sequence recorded at `time` or later; one more than `lastSequence` when there is none. Reads at most one
  /// chunk. Where a wrong clock recorded times in the future, they count as those of what follows.
  public func sequence(at time: Timestamp) throws(JournalError) -> UInt64 {
    let time = UInt64(max(time.nanoseconds, 0))
    let segments = segments.withLock { $0 }
    let ends: [UInt64] = JournalTimeline(spans(of: segments)).spans.map(\.end)
    guard let found = segments.indices.first(where: { segments[$0].next > segments[$0].first && ends[$0] >= time })
    else {
      return lastSequence + 1
    }
    var index: SegmentIndex?
    let place = try segments[found].locate(index: &index, recent: recentIndexes) { chunks in
      let spans = chunks.map { JournalTimeline.Span(start: $0.startTime, end: $0.endTime) }
      return JournalTimeline(spans, now: ends[found]).first(at: time).map { chunks[$0] }
    }
    // Its end may be that of a stretch in the future: then all of it was recorded before `time`, and what follows was not.
    guard let place else { return segments[found].next }
    let batch = try read(place, of: segments[found], with: ChunkDecoder())
    let spans = batch.map { (record: JournalRecord) -> JournalTimeline.Span in
      let recorded = UInt64(max(record.recorded.nanoseconds, 0))
      return JournalTimeline.Span(start: recorded, end: recorded)
    }
    guard let event = JournalTimeline(spans, now: ends[found]).first(at: time) else { return batch.lastSequence + 1 }
    return batch.firstSequence + UInt64(event)
  }

  /// Reads one commit back.
  func read(
    _ place: ChunkPlace, of segment: Segment, with decoder: ChunkDecoder
  ) throws(JournalError) -> CommittedBatch {
    let storage = pool.take()
    do throws(JournalError) {
      let channels = segment.channels
      try decoder.read(place, of: segment.file, into: storage) { channels[$0] }
    } catch {
      pool.give(storage)
      throw error
    }
    let frozen = FrozenBatch(storage.fitted(pool), names: names, pool: pool)
    return CommittedBatch(frozen, range: 0..<frozen.storage.count)
  }

  /// The segment that holds `sequence`, or the next one where a repair has written it off.
  func segment(holding sequence: UInt64) throws(JournalError) -> Segment {
    let (found, first) = segments.withLock { segments in
      (segments.first { $0.next > sequence }, segments.first?.first ?? 0)
    }
    guard let found, sequence >= first else {
      throw JournalError(.removed, file: path, "sequence \(sequence) was removed; the first kept is \(first)")
    }
    return found
  }
}
