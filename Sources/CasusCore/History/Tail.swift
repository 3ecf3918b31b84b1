internal import DequeModule

/// Committed events in memory, the newest last, for subscribers that keep up.
struct Tail<Run: EventRun> {
  private var runs: Deque<Run> = []
  private var bytes = 0
  private let mostBytes: Int

  init(mostBytes: Int) { self.mostBytes = mostBytes }

  /// Takes in a commit; the oldest ones make room, but the newest stays however large it is.
  mutating func append(_ run: Run) {
    runs.append(run)
    bytes += run.byteCount
    while bytes > mostBytes, runs.count > 1 { bytes -= runs.removeFirst().byteCount }
  }

  /// The oldest sequence that it has.
  var first: UInt64? { runs.first?.firstSequence }

  /// The run that holds a sequence, by bisection.
  func run(holding sequence: UInt64) -> Run? {
    guard let first, sequence >= first else { return nil }
    var low = 0
    var high = runs.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if runs[middle].firstSequence <= sequence { low = middle } else { high = middle - 1 }
    }
    return runs[low].contains(sequence) ? runs[low] : nil
  }
}
