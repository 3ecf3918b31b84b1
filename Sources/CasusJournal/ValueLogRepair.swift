import Glibc
import MCAP

/// The logs of values beside a journal's segments.
func valueLogNames(in folder: String) throws(JournalError) -> [String] {
  try fileNames(in: folder).filter { $0.hasSuffix(".log") }
}

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

/// Puts the log right when its damage keeps a broker from starting. The caller has the journal's lock.
func repairValueLog(
  _ folder: String, _ name: String
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
  let new = try ValueLogFile(for: file.path, sync: .disk, faults: nil)
  try index.forEachRecord(in: file) { (key, _, record) throws(JournalError) in try new.append(record, key) }
  _ = try new.finish(in: folder, keepingOldAs: ".damaged")
  return .init(file: name, keptAs: "\(name).damaged", values: index.count, lostBytes: lost, reason: reason)
}

extension JournalCheck {
  /// Reads a log of values as a start would.
  mutating func valueLog(_ folder: String, _ name: String) throws(JournalError) {
    let file = try PosixFile("\(folder)/\(name)", O_RDONLY)
    do throws(JournalError) {
      let scan = try ValueLogScan.read(file) { _, _ in }
      switch scan.ending {
      case .whole: break
      case .torn(let reason):
        note("\(name): \(scan.size - scan.end) bytes of an unfinished write at byte \(scan.end) (\(reason))")
      case .damaged(let offset, let reason): problem(file, offset, reason)
      }
    } catch {
      guard error.code != .io else { throw error }
      problem(file, error.offset, error.message)
    }
  }
}
