import Testing

@testable import CasusWire

/// A direction of the protocol: all that a client may say, or all that a broker may.
protocol Frames: Hashable, Sendable {
  static var messages: [any WireMessage.Type] { get }
  /// One of each message.
  static func samples(using random: inout some RandomNumberGenerator) -> [Self]
  static func read(_ frame: [UInt8]) throws(WireError) -> Self
  func encoded() -> [UInt8]
  var op: String { get }
}

extension Frames {
  static var ops: [String] { messages.map { $0.op.description } }
}

extension ClientCommand: Frames {
  var op: String { label.op }
  static func read(_ frame: [UInt8]) throws(WireError) -> ClientCommand {
    try frame.withUnsafeBufferPointer { (bytes) throws(WireError) in
      try WireDecoder().clientCommand(UnsafeRawBufferPointer(bytes))
    }
  }
}

extension BrokerReply: Frames {
  static func read(_ frame: [UInt8]) throws(WireError) -> BrokerReply {
    try frame.withUnsafeBufferPointer { (bytes) throws(WireError) in
      try WireDecoder(mostBytes: WireDecoder.mostReplyBytes).brokerReply(UnsafeRawBufferPointer(bytes))
    }
  }

  var op: String {
    switch self {
    case .welcome: "welcome"
    case .published: "published"
    case .subscribed: "subscribed"
    case .deliver: "deliver"
    case .progress: "progress"
    case .dropped: "dropped"
    case .unsubscribed: "unsubscribed"
    case .pong: "pong"
    case .reply: "reply"
    case .error: "error"
    case .bye: "bye"
    }
  }
}

let directions: [any Frames.Type] = [ClientCommand.self, BrokerReply.self]

func text(_ frame: some Sequence<UInt8>) -> String { String(decoding: Array(frame), as: UTF8.self) }
