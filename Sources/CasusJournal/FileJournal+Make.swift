import Glibc
import SystemFiles

extension FileJournal {
  /// Makes a new journal in a folder, which may be there already when it is empty: the logs, then the file that says so.
  ///
  /// What was not finished is no journal, and may be made again. Blocks.
  /// - Throws: `.occupied` when something stands there, `.diskFull`, `.failed`, `.io`.
  @discardableResult
  public static func make(_ path: String, sync: JournalOptions.Sync = .disk) throws(JournalError) -> JournalID {
    if mkdir(path, 0o700) != 0, lastErrno() != EEXIST { throw JournalError.system("cannot make the folder", path) }
    for name in try fileNames(in: path) where !mayStand(name, in: path) {
      throw JournalError(
        .occupied, file: path,
        "a journal is made in a folder that is empty, and \(name) stands there; nothing was changed")
    }
    let lock = try JournalLock(path)
    defer { lock.release() }
    var card = JournalCard(id: JournalID())
    for name in JournalCard.logs {
      let file = try ValueLogFile(for: "\(path)/\(name)", id: card.id, generation: 1, sync: sync, faults: nil)
      _ = try file.finish(in: path, keepingOldAs: nil)
      card.marks[name] = .init(generation: 1, size: file.end)
    }
    try CardFile(card, in: path, sync: sync).change(always: true) { _ in }
    return card.id
  }

  /// What a journal's making may find: what the file system puts there, and what an unfinished one left.
  private static func mayStand(_ name: String, in path: String) -> Bool {
    if ["LOCK", "probe", "lost+found", "\(JournalCard.name).new"].contains(name) { return true }
    guard JournalCard.logs.contains(where: { name == $0 || name == $0 + ".new" }) else { return false }
    return ((try? PosixFile("\(path)/\(name)", O_RDONLY).size) ?? .max) <= UInt64(ValueLogFrame.headSize)
  }
}
