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
    let all = segments.withLock { $0 }
    var candidates = all
    let ends = try oldEnds(of: candidates, retention, &report)
    var place = 0
    var total = candidates.reduce(0) { $0 + $1.snapshot.end }
    var givenUp: [(segment: Segment, size: UInt64)] = []
    while candidates.count > 1 {
      let segment = candidates.removeFirst()
      let (next, size, _, end, _) = segment.snapshot
      let isOld = ends.map { $0.ends[place] < $0.keepAfter } ?? false
      place += 1
      let isTooMuch = retention.maxBytes.map { total > $0 } ?? false
      guard isOld || isTooMuch else { break }
      total -= size
      let holders = neededFrom.filter { $0.value < next }.keys.sorted()
      if !holders.isEmpty || !report.held.isEmpty {
        report.held.append(
          .init(
            segment: segment.path, first: segment.first, last: next - 1, neededBy: holders, bytes: size, end: end))
        continue
      }
      givenUp.append((segment, size))
    }
    // First of all that the journal begins later, so that nobody takes what is not there for lost.
    if !givenUp.isEmpty { try card?.forget(before: all[givenUp.count].first) }
    for (segment, size) in givenUp {
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

  /// The size of what is kept from each of these sequences on, in bytes of whole segments, and when its first segment began; nil when
  /// that is nothing. One pass over the segments, and a bisection for each sequence.
  public func kept(from sequences: [UInt64]) -> [(bytes: UInt64, since: UInt64)?] {
    let all = segments.withLock { $0 }.map(\.snapshot)
    // Of each segment and all behind it.
    var bytes = all.map(\.end)
    for place in bytes.indices.dropLast().reversed() { bytes[place] += bytes[place + 1] }
    return sequences.map { sequence in
      var (low, high) = (0, all.count)
      while low < high {
        let middle = (low + high) / 2
        if all[middle].next <= sequence { low = middle + 1 } else { high = middle }
      }
      return low < all.count ? (bytes[low], all[low].startTime) : nil
    }
  }

  /// When each segment was recorded at the latest, and from when on they are kept; nil when none is to go for its age.
  private func oldEnds(
    of segments: [Segment], _ retention: Retention, _ report: inout PruneReport
  ) throws(JournalError) -> (ends: [UInt64], keepAfter: UInt64)? {
    guard let maxAge = retention.maxAge else { return nil }
    let (seconds, attoseconds) = maxAge.components
    let age = Retention.nanoseconds(seconds) + UInt64(max(attoseconds, 0) / 1_000_000_000)
    let now = UInt64(max(retention.now.nanoseconds, 0))
    let keepAfter = now > age ? now - age : 0
    let timeline = JournalTimeline(spans(of: segments), now: now)
    // Where nothing would go, it does not matter whether the clock is right.
    guard segments.count > 1, let oldest = timeline.spans.first, oldest.end < keepAfter else { return nil }
    var details: [JournalTimeline.Span] = []
    for (segment, span) in zip(segments, timeline.spans) {
      // One that spans so much may be slow, or have a leap inside.
      if span.end - span.start >= age / 2, now - min(span.end, now) < age {
        details += try commitSpans(of: segment)
      } else {
        details.append(span)
      }
    }
    guard JournalTimeline(details, now: now).tellsAges(at: now, retention: age) else {
      report.isAgeUncertain = true
      return nil
    }
    return (timeline.spans.map(\.end), keepAfter)
  }

  /// As they were recorded; of what is empty nothing is known.
  func spans(of segments: [Segment]) -> [JournalTimeline.Span] {
    segments.map { segment in
      let (next, _, start, end, _) = segment.snapshot
      return next > segment.first ? .init(start: start, end: end) : .init(start: .max, end: .max)
    }
  }

  private func commitSpans(of segment: Segment) throws(JournalError) -> [JournalTimeline.Span] {
    var spans: [JournalTimeline.Span] = []
    var index: SegmentIndex?
    _ = try segment.locate(index: &index, recent: recentIndexes) { chunks in
      spans = chunks.map { .init(start: $0.startTime, end: $0.endTime) }
      return nil
    }
    return spans
  }
}
