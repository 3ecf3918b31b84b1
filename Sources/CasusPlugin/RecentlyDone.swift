import CasusWire

/// The events that were done with last, at least `most` of them and at most twice as many, so that one whose acknowledgement
/// was lost with a connection is not handed out again. An older one would be: at least once. A plain value.
struct RecentlyDone {
  /// As many as the broker has out at once, unless its operator set another number.
  static let most = Limits().pendingEvents

  private var recent = SequenceStretches()
  private var older = SequenceStretches()

  func contains(_ sequence: UInt64) -> Bool { recent.contains(sequence) || older.contains(sequence) }

  mutating func insert(_ sequence: UInt64) {
    if recent.count == Self.most {
      swap(&recent, &older)
      recent.removeAll()
    }
    recent.insert(sequence)
  }
}

/// A set of sequences, kept as stretches without a gap: as a rule they come rising, and then each costs a comparison. A plain
/// value.
struct SequenceStretches {
  /// Rising and apart.
  private var stretches: [ClosedRange<UInt64>] = []
  private(set) var count = 0

  /// Constant above the largest one, else logarithmic in the number of stretches.
  func contains(_ sequence: UInt64) -> Bool {
    guard let last = stretches.last, sequence <= last.upperBound else { return false }
    return stretches[place(of: sequence)].lowerBound <= sequence
  }

  mutating func insert(_ sequence: UInt64) {
    guard let last = stretches.last, sequence <= last.upperBound else {
      count += 1
      if let last = stretches.last, last.upperBound + 1 == sequence {
        stretches[stretches.count - 1] = last.lowerBound...sequence
      } else {
        stretches.append(sequence...sequence)
      }
      return
    }
    insertBetween(sequence, at: place(of: sequence))
  }

  mutating func removeAll() {
    stretches.removeAll(keepingCapacity: true)
    count = 0
  }

  private mutating func insertBetween(_ sequence: UInt64, at place: Int) {
    let above = stretches[place]
    guard sequence < above.lowerBound else { return }
    count += 1
    let touchesAbove = sequence + 1 == above.lowerBound
    let touchesBelow = place > 0 && stretches[place - 1].upperBound + 1 == sequence
    switch (touchesBelow, touchesAbove) {
    case (true, true):
      stretches[place - 1] = stretches[place - 1].lowerBound...above.upperBound
      stretches.remove(at: place)
    case (true, false): stretches[place - 1] = stretches[place - 1].lowerBound...sequence
    case (false, true): stretches[place] = sequence...above.upperBound
    case (false, false): stretches.insert(sequence...sequence, at: place)
    }
  }

  /// The first stretch that ends at a sequence or above it.
  private func place(of sequence: UInt64) -> Int {
    var low = 0
    var high = stretches.count
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].upperBound < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
