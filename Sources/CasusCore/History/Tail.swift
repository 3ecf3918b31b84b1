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

  /// The run that holds a sequence.
  func run(holding sequence: UInt64) -> Run? {
    guard let first, sequence >= first else { return nil }
    let run = runs[runs.firstPlace { $0.firstSequence <= sequence } - 1]
    return run.contains(sequence) ? run : nil
  }
}
