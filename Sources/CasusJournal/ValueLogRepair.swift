import Glibc
import MCAP
import SystemFiles

extension JournalRepairReport {
  /// A log of values that was written anew with what stood before the damage.
  public struct RewrittenLog: Hashable, Sendable {
    public var file: String
    /// Where the file as it was is kept.
    public var keptAs: String
    public var values: Int
    /// From the damage to the file's end: changes that are forgotten.
    public var lostBytes: UInt64
    public var reason: String
  }
}

/// Puts the log right when its damage keeps a broker from starting, and notes in the card's file, where there is one, which it is.
/// The caller has the journal's lock.
func repairValueLog(
  _ folder: String, _ name: String, of card: JournalCard, noting cardFile: CardFile?
) throws(JournalError) -> JournalRepairReport.RewrittenLog? {
  let file = try PosixFile("\(folder)/\(name)", O_RDONLY)
  let reason: String
  do throws(JournalError) {
    guard case .damaged(let offset, let what) = try ValueLogScan.read(file, visit: { _, _ in }).ending else {
      return nil
    }
    reason = "\(what) at byte \(offset)"
  } catch {
    guard error.code == .damaged else { throw error }
    reason = error.message
  }
  var index = ValueLogIndex()
  var lost = try file.size
  do throws(JournalError) {
    let scan = try ValueLogScan.read(file, isRepair: true) { record, place in
      index.set(record.key, record.value == nil ? nil : place)
    }
    lost = scan.size - scan.end
  } catch { guard error.code == .damaged else { throw error } }
  let generation = (card.marks[name]?.generation ?? 0) + 1
  let new = try ValueLogFile(for: file.path, id: card.id, generation: generation, sync: .disk, faults: nil)
  try index.forEachRecord(in: file) { (key, _, record) throws(JournalError) in try new.append(record, key) }
  let kept = try freeName("\(file.path).damaged")
  _ = try new.finish(in: folder, keepingOldAs: kept)
  try cardFile?.note(name, .init(generation: generation, size: new.end))
  return .init(file: name, keptAs: fileName(kept), values: index.count, lostBytes: lost, reason: reason)
}

extension JournalCheck {
  /// Reads a log of values as a start would.
  mutating func valueLog(_ name: String) throws(JournalError) {
    let check = ends.map { LogCheck(folder: path, name: name, card: $0.card) }
    if let missing = check?.missing {
      problem(missing)
      return
    }
    guard check != nil || Files.exists("\(path)/\(name)") else { return }
    let file = try PosixFile("\(path)/\(name)", O_RDONLY)
    do throws(JournalError) {
      var reach: UInt64 = 0
      let scan = try ValueLogScan.read(file) { record, _ in reach = record.reach ?? reach }
      switch scan.ending {
      case .whole: break
      case .torn(let reason):
        note("\(name): \(scan.size - scan.end) bytes of an unfinished write at byte \(scan.end) (\(reason))")
      case .damaged(let offset, let reason):
        problem(file, offset, reason)
        return
      }
      if let fault = check?.fault(of: scan) { problem(fault) }
      speaks(name, of: reach)
    } catch {
      guard error.code != .io else { throw error }
      problem(file, error.offset, error.message)
    }
  }
}
