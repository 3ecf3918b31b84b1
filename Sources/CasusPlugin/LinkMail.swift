import CasusWire
import SystemFiles

/// What tasks ask of the connection's thread.
enum LinkCommand: Sendable {
  case publish(EncodedEvents, replay: Bool, group: PublishGroup, from: Int)
  case subscribe(StreamBuffer)
  case unsubscribe(Int, forget: Bool, Promise<Void>?)
  case request(Request, Promise<[UInt8]>)
  case health(Ping)
  /// End in good order, waiting this long at most for what is unacknowledged.
  case close(within: Duration, reason: String)
}

/// The way from tasks to the connection's thread.
struct LinkMail: Sendable {
  var commands: [LinkCommand] = []
  /// Streams have something to send, now or within a moment.
  var isUrgent = false
  var isDirty = false
}

extension Mailbox where Content == LinkMail {
  func post(_ command: LinkCommand) {
    change { content in
      content.commands.append(command)
      return true
    }
  }

  /// Streams have something to send. What is not urgent waits a moment for more of its kind.
  func poke(urgent: Bool) {
    change { content in
      let isNews = urgent ? !content.isUrgent : !content.isDirty
      if urgent { content.isUrgent = true } else { content.isDirty = true }
      return isNews
    }
  }

  /// The thread takes the commands, and learns whether streams have something to send; `flushed` says that it will now
  /// send all of that.
  func take(flushing: (LinkMail) -> Bool) -> (commands: [LinkCommand], flush: Bool, isDirty: Bool) {
    bell.clear()
    return open { content in
      let flush = flushing(content)
      let taken = content.commands
      content.commands = []
      if flush {
        content.isUrgent = false
        content.isDirty = false
      }
      return (taken, flush, content.isDirty)
    }
  }
}
