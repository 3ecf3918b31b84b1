internal import Glibc
internal import Synchronization

/// What other threads tell a thread that waits in `poll`, with the bell that wakes it.
///
/// The content is a value of any kind: a list that grows, or the newest state of something. Each change rings the bell unless
/// it has rung since the content was last taken. Thread-safe; the lock is held while a change is made and no longer.
public final class Mailbox<Content: Sendable>: Sendable {
  private struct State {
    var content: Content
    var hasRung = false
  }

  /// Readable while there may be news; several mailboxes may share one.
  public let bell: WakeUp
  private let state: Mutex<State>
  private let isFilled = Atomic(false)

  public init(_ content: Content, bell: WakeUp) {
    self.bell = bell
    state = Mutex(State(content: content))
  }

  public convenience init(_ content: Content) throws(SystemError) { self.init(content, bell: try WakeUp()) }

  /// Changes the content, and rings when `change` says that this is news.
  public func change(_ change: (inout Content) -> Bool) {
    let mustRing = state.withLock { state in
      guard change(&state.content), !state.hasRung else { return false }
      state.hasRung = true
      isFilled.store(true, ordering: .releasing)
      return true
    }
    if mustRing { bell.ring() }
  }

  /// Whether there is news; costs one load.
  public var hasNews: Bool { isFilled.load(ordering: .acquiring) }

  /// Looks at the content, and takes from it what it wants. The next change rings again. Clear the bell before.
  public func open<Taken: Sendable>(_ take: (inout Content) -> Taken) -> Taken {
    state.withLock { state in
      state.hasRung = false
      isFilled.store(false, ordering: .releasing)
      return take(&state.content)
    }
  }

  /// Waits until there is news.
  public func wait() {
    while !hasNews {
      var item = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
      // Only a broken poll fails, and then the bound is short.
      poll(&item, 1, 100)
      bell.clear()
    }
  }
}

extension Mailbox where Content: RangeReplaceableCollection, Content.Element: Sendable {
  public func post(_ message: Content.Element) {
    change { content in
      content.append(message)
      return true
    }
  }

  /// All that was posted, in that order.
  public func take() -> Content {
    guard hasNews else { return Content() }
    return open { content in
      defer { content = Content() }
      return content
    }
  }
}
