internal import IJSON

/// A question to the broker: `status`, `schemas`, `schema`, …; PROTOCOL.md, section 5, has them all.
///
///     {"op":"request","id":1,"what":"schema","parameters":{"type":"casus.effect.v1"}}
public struct Request: Hashable, Sendable {
  public var id: Int
  public var what: String
  public var parameters: [String: String]

  public init(id: Int, what: String, parameters: [String: String] = [:]) {
    self.id = id
    self.what = what
    self.parameters = parameters
  }
}

extension Request: WireMessage {
  static let op: StaticString = "request"
  static let numberMember: StaticString? = "id"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("id", id)
    writer.member("what", what)
    writer.object("parameters") {
      for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
        $0.name(dynamic: name)
        $0.string(value)
      }
    }
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      id: try reader.integer("id", in: counts), what: try reader.string("what"),
      parameters: try reader.stringMembers("parameters"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Request {
    let parameters = random.list { ($0.text(), $0.text()) }
    return Request(
      id: random.number(), what: random.text(), parameters: Dictionary(parameters) { first, _ in first })
  }
}
