/// How many events of the journal are still to be looked at by a subscription that are for it: counted as they are committed, for what
/// lies between may be others' alone, however much it is. A plain value.
///
///     cursor ... from - 1     counted at some time as `before`, or not: then all of them count
///     from ... durable        counted
struct Ahead {
  private var from: UInt64 = 0
  private var counted: UInt64 = 0
  /// Nil where nobody has counted.
  private var before: UInt64? = 0

  /// What is for it changes, or where it stands: nothing up to `durable` is counted any more.
  mutating func forget(through durable: UInt64) {
    (from, counted, before) = (durable + 1, 0, nil)
  }

  /// So many of a new commit are for it, which is up to date.
  mutating func begin(at first: UInt64, _ count: Int) {
    (from, counted, before) = (first, UInt64(count), 0)
  }

  /// So many of a new commit are for it, which is behind.
  mutating func add(_ count: Int) { counted += UInt64(count) }

  /// It has looked at one that is for it.
  mutating func pass(_ sequence: UInt64) {
    if sequence >= from {
      counted -= min(counted, 1)
    } else if let left = before {
      before = left - min(left, 1)
    }
  }

  /// One that was done with is to be looked at again.
  mutating func takeBack(_ sequence: UInt64) {
    if sequence >= from { counted += 1 } else { before = before.map { $0 + 1 } }
  }

  /// What lies before a place is gone.
  mutating func leave(before end: UInt64, through durable: UInt64) {
    if end <= from { before = nil } else { forget(through: durable) }
  }

  /// At a start: from here on it is counted anew, unless that has begun.
  mutating func countBack(to first: UInt64, through durable: UInt64) {
    if from > durable { (from, counted) = (first, 0) }
  }

  /// It goes back to a place behind which so many wait that it has looked at.
  mutating func goBack(from cursor: UInt64, _ count: Int) {
    // What was counted from before the old place on is less than what there is now: both are known, or neither.
    if from <= cursor {
      (before, from) = (UInt64(count), cursor)
    } else {
      before = before.map { $0 + UInt64(count) }
    }
  }

  /// Whether everything from a place on is counted.
  func isCounted(from cursor: UInt64) -> Bool { cursor >= from || before != nil }

  /// - Parameter all: how many events lie from a place on, for it or not.
  func count(from cursor: UInt64, all: (UInt64) -> UInt64) -> UInt64 {
    guard cursor < from else { return counted }
    return counted + (before ?? all(cursor) - all(from))
  }
}
