import Glibc
import MCAP
import SystemFiles

/// What a backup holds.
public struct BackupReport: Hashable, Sendable {
  public var journal: JournalID
  /// First and last sequence; `last` is one less than `first` when it holds no event.
  public var first: UInt64
  public var last: UInt64
  public var linked = 0
  public var copied = 0
  /// Of what was copied.
  public var copiedBytes: UInt64 = 0
  /// The names of all files that were made.
  public var files: [String] = []
}

/// Copies a journal into a new folder, also beside the broker that writes it: everything that was on disk when the copy ended, to a
/// whole commit. The logs are copied first, so that they speak of nothing that the copy does not have. Changes nothing, takes no lock,
/// and blocks for as long as copying takes.
///
/// Sealed segments, which never change again, are linked where the file system lets them; the newest one is always copied. The copy
/// says of itself that it is one: a broker does not go on with it before `restoreJournal` has said where.
/// Of a copy that fails nothing stays, and nothing else that is in the folder is touched.
///
/// - Parameter links: whether sealed segments may be links to the same bytes: quick, and no help against a disk that fails.
/// - Throws: `.occupied` when something stands at `target`, `.absent`, `.lost`, `.damaged` (the newest segment or a log is; sealed
///   segments are copied as they are, and verifying the backup tells),
///   `.diskFull`, `.io`.
public func backUpJournal(_ path: String, to target: String, links: Bool = true) throws(JournalError) -> BackupReport {
  let source = try JournalEnds(path)
  if let missing = source.missing { throw missing }
  let copy = try JournalCopy(source.card.id, to: target)
  do throws(JournalError) { return try copy.take(path, source, links: links) } catch {
    copy.discard()
    throw error
  }
}

/// Makes a journal of a backup, in a new folder, that goes on beyond everything that may have been given since: `acceptLoss` writes
/// that down. What was accepted after the backup is gone. Of a journal that cannot be restored nothing stays.
///
/// - Parameter since: seconds since the backup was made. The journal may have gone on meanwhile; that no number is given twice is
///   bought with a gap that no broker could have filled in that time.
/// - Throws: `.occupied`, `.unsupported` when `backup` is none, and as `acceptLoss`.
public func restoreJournal(
  _ backup: String, to target: String, by: String, reason: String?, since seconds: Int64
) throws(JournalError) -> LossReport {
  let source = try JournalEnds(backup)
  if let missing = source.missing { throw missing }
  guard source.card.state == .copy else {
    throw JournalError(.unsupported, file: backup, "it is a journal and no backup: casus backup makes one")
  }
  let copy = try JournalCopy(source.card.id, to: target)
  do throws(JournalError) {
    try copy.restore(backup, source)
    let given = UInt64(max(seconds, 0)) * JournalCopy.mostEventsASecond
    return try acceptLoss(
      target, by: by, reason: reason, others: ["restored from a backup; what was accepted after it is gone"],
      beyond: source.card.reserved + max(given, JournalLoss.gap))
  } catch {
    copy.discard()
    throw error
  }
}

/// What stands in the way of a journal at a path, by its path: nil where a copy or a restored journal may be made, which is where nothing
/// is, or a folder without anything but what the file system itself puts there.
public func occupant(ofJournalAt path: String) -> String? {
  guard Files.isFolder(path) else { return Files.exists(path) ? path : nil }
  guard let names = try? fileNames(in: path) else { return path }
  return names.first { $0 != "lost+found" }.map { "\(path)/\($0)" }
}

/// The folder of a copy while it is made: knows what it has put there.
private final class JournalCopy {
  enum How { case link, copy }

  /// More than a broker accepts.
  static let mostEventsASecond: UInt64 = 1_000_000

  private let target: String
  private let id: JournalID
  private let hasMadeFolder: Bool
  private var made: [String] = []
  private var last: UInt64 = 0
  private(set) var bytes: UInt64 = 0

  init(_ id: JournalID, to target: String) throws(JournalError) {
    self.target = target
    self.id = id
    // 0700 for a backup, as a journal's own folder otherwise.
    hasMadeFolder = mkdir(target, 0o700) == 0
    guard !hasMadeFolder else { return }
    guard lastErrno() == EEXIST else { throw JournalError.system("cannot make the folder", target) }
    if let occupant = occupant(ofJournalAt: target) {
      throw JournalError(.occupied, file: occupant, "it stands there, and stays as it is")
    }
  }

  /// Takes away exactly what this has put there, and what `acceptLoss` wrote behind it.
  func discard() {
    // Only a finished copy is gone on with, by who holds its lock.
    let isFinished = made.contains(JournalCard.name)
    let further = (try? segmentNames(in: target))?.filter { isFinished && (segmentFirst($0) ?? 0) > last } ?? []
    for name in made + further + (isFinished ? ["LOCK"] : []) { Files.remove("\(target)/\(name)") }
    if hasMadeFolder { rmdir(target) }
  }

  /// A backup of the journal at `path`.
  func take(_ path: String, _ source: JournalEnds, links: Bool) throws(JournalError) -> BackupReport {
    var card = JournalCard(id: source.card.id)
    card.state = .copy
    for name in JournalCard.logs { card.marks[name] = try log(name, from: path, card: source.card) }
    // The segments of now: the logs are copied, and retention or a new segment may have come in between.
    let ends = try JournalEnds(path)
    if let missing = ends.missing { throw missing }
    var report = BackupReport(journal: card.id, first: ends.card.first, last: ends.card.first - 1)
    var first: UInt64?
    for name in ends.names.dropLast() {
      guard let how = try sealed(name, from: path, links: links) else {
        // Retention has taken it just now, and with it all before.
        first = nil
        continue
      }
      first = first ?? segmentFirst(name)
      if how == .link { report.linked += 1 } else { report.copied += 1 }
    }
    if let name = ends.names.last {
      report.last = try newest(name, from: path)
      report.copied += 1
      card.newest = segmentFirst(name) ?? 0
      card.first = first ?? card.newest
      report.first = card.first
    }
    card.reserved = try CardFile.read(in: path).reserved
    report.copiedBytes = bytes
    try finish(card)
    report.files = made
    return report
  }

  /// What a backup holds.
  func restore(_ backup: String, _ source: JournalEnds) throws(JournalError) {
    var card = source.card
    for name in JournalCard.logs { card.marks[name] = try log(name, from: backup, card: source.card) }
    for name in source.names { _ = try sealed(name, from: backup, links: false) }
    try finish(card)
  }

  /// What is whole of a log.
  func log(_ name: String, from folder: String, card: JournalCard) throws(JournalError) -> JournalCard.LogMark {
    let check = LogCheck(folder: folder, name: name, card: card)
    if let missing = check.missing { throw missing }
    let file = try PosixFile("\(folder)/\(name)", O_RDONLY)
    let scan = try ValueLogScan.sound(file) { _, _ in }
    if let fault = check.fault(of: scan) { throw fault }
    try copy(file, to: name, size: scan.end)
    return .init(generation: scan.head?.generation ?? 1, size: scan.end)
  }

  /// A segment that does not change any more; nil when it is not there.
  func sealed(_ name: String, from folder: String, links: Bool) throws(JournalError) -> How? {
    let path = "\(folder)/\(name)"
    last = segmentFirst(name) ?? last
    if links, link(path, "\(target)/\(name)") == 0 {
      made.append(name)
      return .link
    }
    guard Files.exists(path) else { return nil }
    let file = try PosixFile(path, O_RDONLY)
    try copy(file, to: name, size: try file.size)
    return .copy
  }

  /// The segment that may be being written, up to its last whole commit, which is on disk. Returns the last sequence.
  func newest(_ name: String, from folder: String) throws(JournalError) -> UInt64 {
    let file = try PosixFile("\(folder)/\(name)", O_RDONLY)
    let scan = try SegmentScan.read(file)
    if case .damaged(let offset, let reason) = scan.ending {
      throw JournalError(.damaged, file: file.path, offset: offset, "\(reason); of a damaged journal no backup is made")
    }
    guard scan.head.journal == id else {
      throw JournalEnds.foreign(scan.head, file.path, in: id)
    }
    // What this has read may still be on its way to the disk.
    if let number = file.sync() {
      throw JournalError(.failed, file: file.path, errno: number, "the disk did not confirm the journal")
    }
    try copy(file, to: name, size: scan.end)
    return scan.next - 1
  }

  private func copy(_ file: PosixFile, to name: String, size: UInt64) throws(JournalError) {
    let new = try PosixFile("\(target)/\(name)", O_WRONLY | O_CREAT | O_EXCL)
    made.append(name)
    var buffer = RecordBuffer(capacity: 1 << 20)
    var position: UInt64 = 0
    while position < size {
      buffer.removeAll()
      try file.readAll(Int(min(1 << 20, size - position)), at: position, into: &buffer)
      if let number = new.write(buffer.bytes, at: position) {
        throw JournalError.system("cannot write", new.path, number: number)
      }
      position += UInt64(buffer.count)
    }
    if let number = new.sync() {
      throw JournalError(.failed, file: new.path, errno: number, "the disk did not confirm a copy")
    }
    bytes += size
  }

  /// The card last: what has none was not finished.
  func finish(_ card: JournalCard) throws(JournalError) {
    try PosixFile.syncDirectory(target)
    let path = "\(target)/\(JournalCard.name)"
    do throws(SystemError) { try Files.create(path, with: card.text, mode: 0o600) } catch {
      if error.code != EEXIST { made.append(JournalCard.name) }
      throw JournalError.system("cannot write", path, number: error.code)
    }
    made.append(JournalCard.name)
  }
}
