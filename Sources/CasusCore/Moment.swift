public import CasusEvents

/// One reading of both clocks: what is written down is wall time, what is waited for is steady time.
public struct Moment: Hashable, Sendable {
  public var wall: Timestamp
  /// Nanoseconds that never go back, from any start.
  public var steady: Int64

  public init(wall: Timestamp, steady: Int64) {
    self.wall = wall
    self.steady = steady
  }
}
