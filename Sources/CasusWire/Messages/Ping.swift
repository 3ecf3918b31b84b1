public import CasusEvents
internal import IJSON

/// A sign of life with the plugin's own word on its health.
///
///     {"op":"ping","state":"ok","text":"3,850 lines read"}
public struct Ping: Hashable, Sendable {
  public var state: HealthState
  public var text: String

  public init(state: HealthState = .ok, text: String = "") {
    self.state = state
    self.text = text
  }

  /// Characters of `text` that are kept.
  public static let mostText = 400
}

extension Ping: WireMessage {
  static let op: StaticString = "ping"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("state", state.rawValue)
    writer.member("text", text)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      state: reader.has("state") ? try reader.word("state") : .ok, text: try reader.optionalString("text") ?? "")
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Ping {
    Ping(state: random.pick(HealthState.allCases), text: random.text())
  }
}
