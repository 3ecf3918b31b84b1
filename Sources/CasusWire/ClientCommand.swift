package import IJSON

/// What a client says to the broker; PROTOCOL.md, section 5, says it member by member.
public enum ClientCommand: Hashable, Sendable {
  case hello(Hello)
  case publish(Publish)
  case subscribe(Subscribe)
  case ack(Ack)
  case nack(Nack)
  case credit(Credit)
  case unsubscribe(Unsubscribe)
  case ping(Ping)
  case request(Request)
  case bye(Bye)

  static let messages: [any WireMessage.Type] = [
    Hello.self, Publish.self, Subscribe.self, Ack.self, Nack.self, Credit.self, Unsubscribe.self, Ping.self,
    Request.self, Bye.self,
  ]

  /// Nil when `op` is not a client's.
  init?(_ op: String, _ reader: ControlReader) throws(WireError) {
    switch op {
    case "hello": self = .hello(try Hello(reader))
    case "publish": self = .publish(try Publish(reader))
    case "subscribe": self = .subscribe(try Subscribe(reader))
    case "ack": self = .ack(try Ack(reader))
    case "nack": self = .nack(try Nack(reader))
    case "credit": self = .credit(try Credit(reader))
    case "unsubscribe": self = .unsubscribe(try Unsubscribe(reader))
    case "ping": self = .ping(try Ping(reader))
    case "request": self = .request(try Request(reader))
    case "bye": self = .bye(try Bye(reader))
    default: return nil
    }
  }

  /// Writes the control frame, a document of its own; the writer must be empty.
  package func encode(into writer: inout JSONWriter) {
    switch self {
    case .hello(let hello): hello.encode(into: &writer)
    case .publish(let publish): publish.encode(into: &writer)
    case .subscribe(let subscribe): subscribe.encode(into: &writer)
    case .ack(let ack): ack.encode(into: &writer)
    case .nack(let nack): nack.encode(into: &writer)
    case .credit(let credit): credit.encode(into: &writer)
    case .unsubscribe(let unsubscribe): unsubscribe.encode(into: &writer)
    case .ping(let ping): ping.encode(into: &writer)
    case .request(let request): request.encode(into: &writer)
    case .bye(let bye): bye.encode(into: &writer)
    }
  }

  /// One of each, at random.
  package static func samples(using random: inout some RandomNumberGenerator) -> [ClientCommand] {
    [
      .hello(.sample(using: &random)),
      .publish(.sample(using: &random)),
      .subscribe(.sample(using: &random)),
      .ack(.sample(using: &random)),
      .nack(.sample(using: &random)),
      .credit(.sample(using: &random)),
      .unsubscribe(.sample(using: &random)),
      .ping(.sample(using: &random)),
      .request(.sample(using: &random)),
      .bye(.sample(using: &random)),
    ]
  }

  /// The control frame: JSON text in UTF-8.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    encode(into: &writer)
    return writer.bytes
  }

  /// The command's `op` and the client's own number in it, as a refusal names them.
  public var label: (op: String, number: Int?) {
    switch self {
    case .hello: ("hello", nil)
    case .publish(let publish): ("publish", publish.batch)
    case .subscribe(let subscribe): ("subscribe", subscribe.subscription)
    case .ack(let ack): ("ack", ack.subscription)
    case .nack(let nack): ("nack", nack.subscription)
    case .credit(let credit): ("credit", credit.subscription)
    case .unsubscribe(let unsubscribe): ("unsubscribe", unsubscribe.subscription)
    case .ping: ("ping", nil)
    case .request(let request): ("request", request.id)
    case .bye: ("bye", nil)
    }
  }
}
