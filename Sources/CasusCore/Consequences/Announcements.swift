internal import DequeModule

/// The bus's events about itself, from the stage to the disk. One that cannot be staged, or whose commit fails, is staged again:
/// what the bus has to tell does not vanish with a full disk.
struct Announcements {
  struct Announcement {
    var notice: Notice
    /// What it tells of, and whose that was.
    var act: Act
    var identity: String
  }

  private static let mostPostponed = 1_000

  /// Staged, by sequence.
  private var unkept: Deque<(sequence: UInt64, announcement: Announcement)> = []
  private var postponed: Deque<Announcement> = []

  mutating func staged(_ announcement: Announcement, as sequence: UInt64) { unkept.append((sequence, announcement)) }

  /// Everything up to here is on disk.
  mutating func kept(through durable: UInt64) {
    while let first = unkept.first, first.sequence <= durable { unkept.removeFirst() }
  }

  /// The commit failed, and what was staged is gone. With the next tick is early enough: a disk that stays full must not be tried
  /// without a pause.
  mutating func lost() {
    postponed += unkept.map(\.announcement)
    unkept.removeAll()
  }

  mutating func postpone(_ announcement: Announcement) { postponed.append(announcement) }

  /// One that is too much to be kept one by one, the oldest first.
  mutating func takeExcess() -> Announcement? {
    postponed.count > Self.mostPostponed ? postponed.popFirst() : nil
  }

  mutating func takePostponed() -> Deque<Announcement> {
    defer { postponed = [] }
    return postponed
  }
}
