/// Whether there was room on the disk for something the last time, so that a change is told once. A plain value.
struct Room {
  private var isFull = false

  /// There was none: whether that is new.
  mutating func isGone() -> Bool {
    defer { isFull = true }
    return !isFull
  }

  /// There was some: whether that is new.
  mutating func isThereAgain() -> Bool {
    defer { isFull = false }
    return isFull
  }
}
