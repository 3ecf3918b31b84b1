internal import DequeModule

/// Which sequences a member was handed for the first time and has not acknowledged by `through`: stretches, rising and apart. As a rule
/// it is one, since first deliveries rise; an event that had to wait for a member who may read it comes later than its place.
/// Each stretch is given out once, so that an acknowledgement never costs more than the deliveries that it is for.
struct FirstDeliveries {
  /// The lowest one stands apart from the others, so that the usual one needs no memory of its own.
  private var lowest: ClosedRange<UInt64>?
  private var others: Deque<ClosedRange<UInt64>> = []

  mutating func add(_ new: ClosedRange<UInt64>) {
    guard let first = lowest else {
      lowest = new
      return
    }
    if let last = others.last, last.upperBound < new.lowerBound {
      others[others.count - 1] = last.lowerBound...new.upperBound
      return
    }
    if others.isEmpty, first.upperBound < new.lowerBound {
      lowest = first.lowerBound...new.upperBound
      return
    }
    insert(new, first)
  }

  /// Takes out the next stretch up to a sequence.
  mutating func next(through sequence: UInt64) -> ClosedRange<UInt64>? {
    guard let first = lowest, first.lowerBound <= sequence else { return nil }
    guard sequence < first.upperBound else {
      lowest = others.popFirst()
      return first
    }
    lowest = sequence + 1...first.upperBound
    return first.lowerBound...sequence
  }

  /// Below what there is: with what it touches it becomes one.
  private mutating func insert(_ new: ClosedRange<UInt64>, _ first: ClosedRange<UInt64>) {
    others.prepend(first)
    let place = others.firstIndex { $0.upperBound >= new.lowerBound } ?? others.count
    var new = new
    while place < others.count, others[place].lowerBound <= new.upperBound {
      let other = others.remove(at: place)
      new = min(new.lowerBound, other.lowerBound)...max(new.upperBound, other.upperBound)
    }
    others.insert(new, at: place)
    lowest = others.popFirst()
  }
}
