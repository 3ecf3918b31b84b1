/// How often one subscriber was sent each event, and how often it may have been: its maximum of attempts, and what the broker
/// may forget of them. With its end that is what it had not kept yet, and the attempt that was under way.
struct SimulatedTries {
  private var sent: [UInt64: Int] = [:]
  private var allowed: [UInt64: Int] = [:]
  private var atPosition: [UInt64: Int] = [:]
  private var atKept: [UInt64: Int] = [:]

  /// The number of this delivery when it is one too many.
  mutating func sent(_ sequence: UInt64, most: Int) -> Int? {
    sent[sequence, default: 0] += 1
    let count = sent[sequence, default: 0]
    return count > most + allowed[sequence, default: 0] ? count : nil
  }

  /// The broker said what is to be kept.
  mutating func positionChanged() { atPosition = sent }

  /// It is on disk.
  mutating func positionsKept() { atKept = atPosition }

  mutating func brokerRestarted() {
    for (sequence, count) in sent { allowed[sequence, default: 0] += count - atKept[sequence, default: 0] + 1 }
    atPosition = sent
    atKept = sent
  }

  /// What it has is not counted as tried.
  mutating func leftInGoodOrder() {
    for sequence in sent.keys { allowed[sequence, default: 0] += 1 }
  }

  /// A person gave these back out of quarantine.
  mutating func beginAnew(_ sequences: [UInt64]) {
    for sequence in sequences {
      sent[sequence] = nil
      allowed[sequence] = nil
      atPosition[sequence] = nil
      atKept[sequence] = nil
    }
  }
}
