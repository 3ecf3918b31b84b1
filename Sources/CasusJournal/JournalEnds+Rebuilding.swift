import Glibc
import SystemFiles

extension JournalEnds {
  /// What the segments, and where these do not say it the logs, tell of a journal whose card is gone.
  ///
  /// - Throws: `error`, which said that it is gone, when nothing tells which journal it is; `.lost` when it is several's.
  static func rebuilt(_ path: String, after error: JournalError) throws(JournalError) -> JournalEnds {
    let names = try segmentNames(in: path)
    var ids: Set<JournalID> = []
    for name in names {
      let file = try PosixFile("\(path)/\(name)", O_RDONLY)
      if let head = try? SegmentScan.Start(file, size: file.size).head { ids.insert(head.journal) }
    }
    if ids.isEmpty {
      for name in JournalCard.logs where Files.exists("\(path)/\(name)") {
        let file = try PosixFile("\(path)/\(name)", O_RDONLY)
        if let head = try? ValueLogScan.read(file, visit: { _, _ in }).head { ids.insert(head.journal) }
      }
    }
    guard ids.count < 2 else {
      throw JournalError(
        .lost, file: path, "the files belong to \(ids.count) journals: move those of the others out of the folder")
    }
    guard let id = ids.first else { throw error }
    var card = JournalCard(id: id)
    card.first = names.first.flatMap(segmentFirst) ?? 1
    card.newest = names.last.flatMap(segmentFirst) ?? 0
    return JournalEnds(path, card: card, names: names)
  }
}
