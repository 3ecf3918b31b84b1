internal import DequeModule

/// Which sequences a member was handed for the first time and has not acknowledged by `through`: stretches, rising and apart. As a rule
/// it is one, since first deliveries rise; an event that had to wait for a member who may read it comes later than its place.
/// Each stretch is given out once, so that an acknowledgement never costs more than the deliveries that it is for.
struct FirstDeliveries {
  private var stretches: Deque<ClosedRange<UInt64>> = []

  mutating func add(_ new: ClosedRange<UInt64>) {
    guard let last = stretches.last else {
      stretches.append(new)
      return
    }
    if last.upperBound < new.lowerBound {
      stretches[stretches.count - 1] = last.lowerBound...new.upperBound
      return
    }
    let place = stretches.firstIndex { $0.upperBound >= new.lowerBound } ?? stretches.count
    var new = new
    while place < stretches.count, stretches[place].lowerBound <= new.upperBound {
      let other = stretches.remove(at: place)
      new = min(new.lowerBound, other.lowerBound)...max(new.upperBound, other.upperBound)
    }
    stretches.insert(new, at: place)
  }

  /// Takes out the next stretch up to a sequence.
  mutating func next(through sequence: UInt64) -> ClosedRange<UInt64>? {
    guard let first = stretches.first, first.lowerBound <= sequence else { return nil }
    stretches.removeFirst()
    guard sequence < first.upperBound else { return first }
    stretches.prepend(sequence + 1...first.upperBound)
    return first.lowerBound...sequence
  }
}
