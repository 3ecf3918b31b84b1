internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import Synchronization
internal import SystemFiles

/// Keeps where durable subscriptions stand, what they have in quarantine, and the publishers' books, on a thread of its own.
///
/// What changed is taken in at once and written together, in one frame of the log, so that after a crash a position and its
/// quarantine belong to each other. A subscription is told to exist only when its first position is on disk. What finds
/// no room is kept here and written when there is some.
final class PositionKeeper: Sendable {
  /// What became of a write; the subscriptions are those that `keepFirst` was asked for.
  enum Outcome: Sendable {
    case kept([SubscriptionKey])
    case failed(JournalError, [SubscriptionKey])
  }

  private enum Change {
    case position(CursorRecord)
    case forgotten
  }

  private struct Pending {
    var positions: [String: Change] = [:]
    var books: PublisherBooks?
    var first: [SubscriptionKey: String] = [:]

    var isEmpty: Bool { positions.isEmpty && books == nil }
  }

  private let pending = Mutex(Pending())
  private let log: PositionLog
  private let worker: Worker
  private let report: @Sendable (Outcome) -> Void

  /// - Parameter report: is called on the keeper's thread.
  init(_ log: PositionLog, report: @escaping @Sendable (Outcome) -> Void) throws(SystemError) {
    self.log = log
    self.report = report
    worker = try Worker(name: "positions")
  }

  /// - Parameter cursor: nil: it is forgotten.
  func keep(_ name: String, _ cursor: CursorRecord?) {
    pending.withLock { $0.positions[name] = cursor.map { .position($0) } ?? .forgotten }
  }

  func keep(_ books: PublisherBooks) { pending.withLock { $0.books = books } }

  /// Begins to write at once: somebody waits for it.
  func keepFirst(_ key: SubscriptionKey, _ name: String, _ cursor: CursorRecord) {
    pending.withLock { pending in
      pending.positions[name] = .position(cursor)
      pending.first[key] = name
    }
    write()
  }

  /// Begins to write what has changed; it is done when the outcome is reported.
  func write() {
    guard pending.withLock({ !$0.isEmpty }) else { return }
    worker.add { self.writePending() }
  }

  /// Writes what has changed and ends.
  func stop() {
    write()
    worker.stop()
  }

  private func writePending() {
    let taken = pending.withLock { pending in
      defer { pending = Pending() }
      return pending
    }
    // Several asked, and the first of them wrote everything.
    guard !taken.isEmpty else { return }
    let positions = taken.positions.mapValues { change -> CursorRecord? in
      if case .position(let cursor) = change { cursor } else { nil }
    }
    do throws(JournalError) {
      try log.write(positions, taken.books)
      report(.kept(Array(taken.first.keys)))
    } catch {
      putBack(taken)
      report(.failed(error, Array(taken.first.keys)))
    }
  }

  /// What was to be written is still to be, unless something newer is; of subscriptions that could not begin nothing is.
  private func putBack(_ taken: Pending) {
    pending.withLock { pending in
      pending.positions.merge(taken.positions) { newer, _ in newer }
      pending.books = pending.books ?? taken.books
      for name in taken.first.values { pending.positions[name] = .forgotten }
    }
  }
}
