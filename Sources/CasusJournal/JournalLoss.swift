import CasusEvents
import Glibc
import SystemFiles

/// What `acceptLoss` found and did.
public struct LossReport: Hashable, Sendable {
  public var journal: JournalID
  /// What was gone, a sentence each; nothing was changed when there is none.
  public var found: [String] = []
  /// Sequences whose events are gone, or were never given: none of them is given again.
  public var lost: [ClosedRange<UInt64>] = []
  /// Of the first event that says so; nil when nothing was changed.
  public var sequence: UInt64?
}

/// Goes on with a journal of which something is gone, because a person has decided so: its beginning, its end, a log beside it, the
/// file `JOURNAL`, or events that a repair has written off.
///
/// The journal goes on beyond every sequence that it, or anything beside it, ever knew of. The gap stands in the head of the
/// segment that follows, and as an event `casus.bus.loss.v1` in it. Durable subscriptions whose log is gone begin anew. Interrupted,
/// it can be done again: what is beside the segments changes after the event. Takes the journal's lock; blocks.
///
/// - Parameters:
///   - by: who decides.
///   - others: what else there is to say of it, as of a restored backup; with it the journal's end counts as gone.
///   - beyond: sequences that may have been given since, beside those that the journal knows of.
/// - Throws: `.absent`, `.locked`, `.damaged` (to be repaired first), `.lost` for what nobody can decide so, `.diskFull`, `.io`.
public func acceptLoss(
  _ path: String, by: String, reason: String? = nil, others: [String] = [], beyond: UInt64 = 0
) throws(JournalError) -> LossReport {
  var loss = try JournalLoss(path)
  return try loss.accept(by: by, reason: reason, others: others, beyond: beyond)
}

/// One decision.
struct JournalLoss {
  let path: String
  private var ends: JournalEnds
  private var report: LossReport
  /// Whether sequences behind the last that is there may have been given.
  private var isEndLost = false

  /// What may have been given where nobody knows how far a journal went: more than a broker accepts in twelve days without a pause,
  /// at a million a second.
  static let gap: UInt64 = 1 << 40

  /// A log that begins anew when the event is written.
  private struct NewLog {
    var name: String
    var generation: UInt64
    /// Where that of another journal is kept.
    var aside: String?
  }

  private var newLogs: [NewLog] = []

  init(_ path: String) throws(JournalError) {
    self.path = path
    do throws(JournalError) {
      ends = try JournalEnds(path)
      report = LossReport(journal: ends.card.id)
    } catch {
      guard error.code == .lost else { throw error }
      ends = try JournalEnds.rebuilt(path, after: error)
      report = LossReport(journal: ends.card.id, found: ["JOURNAL: \(Self.fact(error))"])
      isEndLost = true
    }
  }

  /// What happened, without what to do.
  private static func fact(_ error: JournalError) -> String {
    String(error.message.split(separator: ";", omittingEmptySubsequences: true).first ?? "")
  }

  mutating func accept(
    by: String, reason: String?, others: [String], beyond: UInt64
  ) throws(JournalError) -> LossReport {
    if others.isEmpty, let standing = ends.standing { throw standing }
    let wasRebuilt = isEndLost
    report.found += others
    if !others.isEmpty { isEndLost = true }
    let firsts = ends.firsts
    if let missing = ends.missing {
      report.found.append(Self.fact(missing))
      if let first = firsts.first, first > ends.card.first { report.lost.append(ends.card.first...(first - 1)) }
      if (firsts.last ?? 0) < ends.card.newest { isEndLost = true }
    }
    // As if nothing more had ever been there.
    var card = ends.card
    card.first = firsts.first ?? ends.card.first
    card.newest = firsts.last ?? 0
    (card.state, card.reserved) = (.open, 1 << 62)
    let journal = try FileJournal.open(path, taking: JournalEnds(path, card: card, names: ends.names))
    let last = journal.lastSequence
    if !wasRebuilt, let fault = ends.fault(of: last) {
      report.found.append(Self.fact(fault))
      isEndLost = true
    }
    let reach = try readLogs(last: last, card: &card)
    let untold = try journal.untoldLosses()
    if !untold.isEmpty {
      report.found.append("sequences were written off (in \(untold.count) places), and no event said so")
    }
    guard !report.found.isEmpty else {
      return report
    }
    var next = last + 1
    if isEndLost {
      let known = wasRebuilt || last > ends.card.reserved ? max(last, reach) + Self.gap : ends.card.reserved
      next = max(known, reach, last, beyond) + 1
      let from = firsts.isEmpty ? ends.card.first : last + 1
      if from < next { report.lost.append(from...(next - 1)) }
    }
    report.lost += untold.filter { stretch in !report.lost.contains { $0.contains(stretch) } }
    report.lost.sort { $0.lowerBound < $1.lowerBound }
    card.reserved = next
    try write(by: by, reason: reason, at: next, journal, card)
    report.sequence = next
    return report
  }

  /// Looks at the logs: which are to begin anew, and what is the highest sequence that they speak of.
  private mutating func readLogs(last: UInt64, card: inout JournalCard) throws(JournalError) -> UInt64 {
    var highest: UInt64 = 0
    for name in JournalCard.logs {
      let check = LogCheck(folder: path, name: name, card: ends.card)
      let generation = (ends.card.marks[name]?.generation ?? 0) + 1
      guard check.missing == nil else {
        report.found.append("\(name): it was missing, and begins anew")
        newLogs.append(NewLog(name: name, generation: generation))
        continue
      }
      var reach: UInt64 = 0
      let file = try PosixFile("\(path)/\(name)", O_RDONLY)
      let scan = try ValueLogScan.sound(file) { record, _ in reach = record.reach ?? reach }
      if let head = scan.head, head.journal != ends.card.id {
        let aside = try freeName("\(path)/\(name).foreign")
        report.found.append(
          "\(name): it belonged to the journal \(head.journal); kept as \(fileName(aside)), and begins anew")
        newLogs.append(NewLog(name: name, generation: generation, aside: aside))
        continue
      }
      if let fault = check.fault(of: scan) { report.found.append("\(name): \(Self.fact(fault))") }
      if let fault = check.fault(reaching: reach, beyond: last) {
        report.found.append("\(name): \(Self.fact(fault))")
        isEndLost = true
      }
      card.marks[name] = .init(generation: scan.head?.generation ?? 1, size: scan.end)
      highest = max(highest, reach)
    }
    return highest
  }

  /// Puts an empty log where none of this journal's is.
  private func make(_ log: NewLog, of journal: FileJournal) throws(JournalError) {
    let path = "\(path)/\(log.name)"
    if let aside = log.aside, rename(path, aside) != 0 { throw JournalError.system("cannot put aside", path) }
    let new = try ValueLogFile(
      for: path, id: ends.card.id, generation: log.generation, sync: .disk, faults: nil)
    _ = try new.finish(in: self.path, keepingOldAs: nil)
    try journal.card?.note(log.name, .init(generation: log.generation, size: new.end))
  }

  /// The events that tell of it, in a segment of their own behind the gap and in one commit.
  private func write(
    by: String, reason: String?, at next: UInt64, _ journal: FileJournal, _ card: JournalCard
  ) throws(JournalError) {
    let losses = BusLoss.all(
      journal: "\(report.journal)", lost: report.lost, found: report.found, by: by, reason: reason)
    let last = try journal.lastKept.flatMap { (sequence) throws(JournalError) in
      try journal.reader(from: sequence).next()?.last
    }
    let isExercise = last?.flags.contains(.exercise) ?? false
    let now = Timestamp(nanoseconds: SystemClock.wall())
    let drafts = losses.enumerated().map { place, loss in
      Draft(
        loss, id: "loss-\(next + UInt64(place))", subject: "\(report.journal)", time: now, tlp: .amber,
        exercise: isExercise)
    }
    let events = drafts.compactMap { try? $0.encoded(source: "//\(BusLoss.sender)") }
    guard events.count == losses.count,
      let schema = EventSchemas.all.first(where: { $0.type == BusLoss.type.rawValue })?.bytes
    else { throw JournalError(.io, file: path, "the events of the loss could not be written") }
    var flags: StampFlags = isExercise ? .exercise : []
    flags.marking = drafts[0].tlp
    // Until the events are there, the journal's beginning is missing: who is interrupted finds it so again.
    var before = card
    before.first = min(card.first, ends.card.first)
    try journal.goOn(at: next, taking: before)
    let batch = journal.makeBatch()
    let sender = try journal.sender(BusLoss.sender)
    let edition = journal.edition(of: try journal.type(BusLoss.type), schema: schema)
    for (place, event) in events.enumerated() {
      try event.withUnsafeBufferPointer { (bytes) throws(JournalError) in
        try batch.append(
          sequence: next + UInt64(place), recorded: now, sender: sender, edition: edition, flags: flags, published: now,
          event: UnsafeRawBufferPointer(bytes))
      }
    }
    let hasMore = journal.segmentCount > 0
    _ = try journal.commit(batch)
    if hasMore { try journal.card?.forget(before: card.first) }
    for log in newLogs { try make(log, of: journal) }
    try journal.close()
  }
}

/// `path`, or with a number behind it where that is taken: what was kept once is not written over.
func freeName(_ path: String) throws(JournalError) -> String {
  guard Files.exists(path) else { return path }
  for number in 2...10_000 where !Files.exists("\(path).\(number)") { return "\(path).\(number)" }
  throw JournalError(.io, file: path, "it is kept ten thousand times already")
}
