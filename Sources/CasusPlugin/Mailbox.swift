import CasusWire
import Synchronization
import ZeroMQ

/// What tasks ask of the connection's thread.
enum LinkCommand: Sendable {
  case publish([[UInt8]], replay: Bool, group: PublishGroup, from: Int)
  case subscribe(StreamBuffer)
  case unsubscribe(Int, forget: Bool, Promise<Void>?)
  case request(Request, Promise<[UInt8]>)
  case health(Ping)
  /// End in good order, waiting this long at most for what is unacknowledged.
  case close(within: Duration, reason: String)
}

/// The way from tasks to the connection's thread. Thread-safe; a bell that has rung is not rung again.
final class Mailbox: Sendable {
  struct Content {
    var commands: [LinkCommand] = []
    /// Streams have something to send, now or within a moment.
    var isUrgent = false
    var isDirty = false
    var hasRung = false
  }

  let bell: WakeUp
  private let content = Mutex(Content())

  init() throws(ZeroMQError) { bell = try WakeUp() }

  func post(_ command: LinkCommand) {
    ring { content in
      content.commands.append(command)
      return true
    }
  }

  /// Streams have something to send. What is not urgent waits a moment for more of its kind.
  func poke(urgent: Bool) {
    ring { content in
      let isNews = urgent ? !content.isUrgent : !content.isDirty
      if urgent { content.isUrgent = true } else { content.isDirty = true }
      return isNews
    }
  }

  private func ring(_ change: (inout Content) -> Bool) {
    let mustRing = content.withLock { content in
      guard change(&content), !content.hasRung else { return false }
      content.hasRung = true
      return true
    }
    if mustRing { bell.ring() }
  }

  /// The thread takes the commands, and learns whether streams have something to send; `flushed` says that it will now
  /// send all of that.
  func take(flushing: (Content) -> Bool) -> (commands: [LinkCommand], flush: Bool, isDirty: Bool) {
    bell.clear()
    return content.withLock { content in
      let flush = flushing(content)
      let taken = content.commands
      content.commands = []
      content.hasRung = false
      if flush {
        content.isUrgent = false
        content.isDirty = false
      }
      return (taken, flush, content.isDirty)
    }
  }
}
