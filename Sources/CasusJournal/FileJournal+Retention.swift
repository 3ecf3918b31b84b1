import CasusEvents
import Glibc
import Synchronization

extension FileJournal {
  /// Removes whole segments from the old end that `retention` gives up, unless somebody still needs them.
  ///
  /// Readers that are in a removed segment go on to its end. May be called from any thread; blocks for the syncs.
  /// - Parameter neededFrom: durable subscription → the first sequence that it has not acknowledged.
  /// - Throws: `.io`; what was removed before the error stays removed.
  public func prune(_ retention: Retention, neededFrom: [String: UInt64] = [:]) throws(JournalError) -> PruneReport {
    var report = PruneReport()
    var candidates = segments.withLock { $0 }
    var total = candidates.reduce(0) { $0 + $1.snapshot.end }
    while candidates.count > 1 {
      let segment = candidates.removeFirst()
      let (next, size, _, endTime, _) = segment.snapshot
      let isOld = retention.keepAfter.map { Int64(clamping: endTime) < $0.nanoseconds } ?? false
      let isTooMuch = retention.maxBytes.map { total > $0 } ?? false
      guard isOld || isTooMuch, retention.keepFrom.map({ next <= $0 }) ?? true else { break }
      total -= size
      let holders = neededFrom.filter { $0.value < next }.keys.sorted()
      if !holders.isEmpty || !report.held.isEmpty {
        report.held.append(.init(segment: segment.path, first: segment.first, last: next - 1, neededBy: holders))
        continue
      }
      guard unlink(segment.path) == 0 || lastErrno() == ENOENT else {
        throw JournalError.system("cannot remove a segment", segment.path)
      }
      segments.withLock { $0.removeAll { $0 === segment } }
      report.removed.append(segment.path)
      report.removedBytes += size
    }
    if !report.removed.isEmpty, options.sync != .none { try PosixFile.syncDirectory(path) }
    report.firstSequence = firstSequence
    return report
  }
}
