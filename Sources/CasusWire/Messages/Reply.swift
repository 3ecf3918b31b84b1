internal import IJSON

/// The answer to a request.
///
///     {"op":"reply","id":1,"result":{…}}
public struct Reply: Hashable, Sendable {
  public var id: Int
  /// JSON text as it is.
  public var result: [UInt8]
  public init(id: Int, result: [UInt8]) {
    self.id = id
    self.result = result
  }
}

extension Reply: WireMessage {
  static let op: StaticString = "reply"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("id", id)
    writer.raw("result", result)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(id: try reader.integer("id", in: counts), result: try reader.text("result"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Reply {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("text", random.text())
      writer.member("list", random.texts())
      writer.double("ratio", Double(random.number()) + 0.5)
      writer.null("nothing")
    }
    return Reply(id: random.number(), result: writer.bytes)
  }
}
