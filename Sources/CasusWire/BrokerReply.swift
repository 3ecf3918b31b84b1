package import IJSON

/// What the broker says to a client; PROTOCOL.md, section 6, says it member by member.
public enum BrokerReply: Hashable, Sendable {
  case welcome(Welcome)
  case published(Published)
  case subscribed(Subscribed)
  case deliver(Deliver)
  case progress(Progress)
  case dropped(Dropped)
  case unsubscribed(Unsubscribed)
  case pong(Pong)
  case reply(Reply)
  case error(ErrorReply)
  case bye(Bye)

  static let messages: [any WireMessage.Type] = [
    Welcome.self, Published.self, Subscribed.self, Deliver.self, Progress.self, Dropped.self, Unsubscribed.self,
    Pong.self, Reply.self, ErrorReply.self, Bye.self,
  ]

  /// Nil when `op` is not a broker's.
  init?(_ op: String, _ reader: ControlReader) throws(WireError) {
    switch op {
    case "welcome": self = .welcome(try Welcome(reader))
    case "published": self = .published(try Published(reader))
    case "subscribed": self = .subscribed(try Subscribed(reader))
    case "deliver": self = .deliver(try Deliver(reader))
    case "progress": self = .progress(try Progress(reader))
    case "dropped": self = .dropped(try Dropped(reader))
    case "unsubscribed": self = .unsubscribed(try Unsubscribed(reader))
    case "pong": self = .pong(try Pong(reader))
    case "reply": self = .reply(try Reply(reader))
    case "error": self = .error(try ErrorReply(reader))
    case "bye": self = .bye(try Bye(reader))
    default: return nil
    }
  }

  /// Writes the control frame, a document of its own; the writer must be empty.
  package func encode(into writer: inout JSONWriter) {
    switch self {
    case .welcome(let welcome): welcome.encode(into: &writer)
    case .published(let published): published.encode(into: &writer)
    case .subscribed(let subscribed): subscribed.encode(into: &writer)
    case .deliver(let deliver): deliver.encode(into: &writer)
    case .progress(let progress): progress.encode(into: &writer)
    case .dropped(let dropped): dropped.encode(into: &writer)
    case .unsubscribed(let unsubscribed): unsubscribed.encode(into: &writer)
    case .pong(let pong): pong.encode(into: &writer)
    case .reply(let reply): reply.encode(into: &writer)
    case .error(let error): error.encode(into: &writer)
    case .bye(let bye): bye.encode(into: &writer)
    }
  }

  /// One of each, at random.
  package static func samples(using random: inout some RandomNumberGenerator) -> [BrokerReply] {
    [
      .welcome(.sample(using: &random)),
      .published(.sample(using: &random)),
      .subscribed(.sample(using: &random)),
      .deliver(.sample(using: &random)),
      .progress(.sample(using: &random)),
      .dropped(.sample(using: &random)),
      .unsubscribed(.sample(using: &random)),
      .pong(.sample(using: &random)),
      .reply(.sample(using: &random)),
      .error(.sample(using: &random)),
      .bye(.sample(using: &random)),
    ]
  }

  /// The control frame: JSON text in UTF-8.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    encode(into: &writer)
    return writer.bytes
  }
}
