internal import IJSON

/// Reads control frames. Keeps a parser whose buffers it reuses; not safe from several threads.
public struct WireDecoder {
  private let parser: JSONParser

  /// What a client should take: a reply may be larger than a command, as a status of many plugins is.
  public static let mostReplyBytes = 64 << 20

  /// - Parameter mostBytes: of a frame; a longer one is refused.
  public init(mostBytes: Int = Limits().controlBytes) {
    parser = JSONParser(limits: JSONLimits(maxBytes: mostBytes, maxDepth: 16))
  }

  /// A frame from a client. Errors: `malformed-control`, `unknown-command`.
  public func clientCommand(_ frame: UnsafeRawBufferPointer) throws(WireError) -> ClientCommand {
    let (op, reader) = try open(frame)
    guard let command = try ClientCommand(op, reader) else {
      throw WireError(.unknownCommand, "'\(op.prefix(40))' is not a client's command", pointer: "/op")
    }
    return command
  }

  /// A frame from a broker. Errors: `malformed-control`, `unknown-command`.
  public func brokerReply(_ frame: UnsafeRawBufferPointer) throws(WireError) -> BrokerReply {
    let (op, reader) = try open(frame)
    guard let reply = try BrokerReply(op, reader) else {
      throw WireError(.unknownCommand, "'\(op.prefix(40))' is not a broker's reply", pointer: "/op")
    }
    return reply
  }

  /// What a frame that `clientCommand` refused was about, as far as it can be read: a command that clients have, and the
  /// client's own number in it.
  public func label(_ frame: UnsafeRawBufferPointer) -> (op: String, number: Int?)? {
    guard let (op, reader) = try? open(frame),
      let message = ClientCommand.messages.first(where: { $0.op.description == op })
    else { return nil }
    return (op, message.numberMember.flatMap { try? reader.optionalInteger($0, in: counts) })
  }

  private func open(_ frame: UnsafeRawBufferPointer) throws(WireError) -> (op: String, reader: ControlReader) {
    let value: JSONValue
    do throws(JSONError) {
      value = try parser.parse(frame)
    } catch {
      throw WireError(.malformedControl, "the control frame is not I-JSON: \(error.message)", pointer: error.pointer)
    }
    guard value.kind == .object else {
      throw WireError(.malformedControl, "the control frame is not an object", pointer: "")
    }
    let reader = ControlReader(value)
    return (try reader.string("op"), reader)
  }
}
