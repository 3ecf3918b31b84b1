internal import IJSON

/// A command was refused. A fatal one ends the session.
///
///     {"op":"error","code":206,"name":"subscription-not-permitted","pointer":"/types/0","message":"…","for":"subscribe",
///      "number":1}
public struct ErrorReply: Hashable, Sendable {
  public var error: WireError
  /// The refused command's `op`.
  public var command: String?
  /// Its number: a subscription, a batch, a request.
  public var number: Int?
  public var fatal: Bool
  /// Milliseconds after which a new attempt has a chance, where the broker knows it.
  public var retryAfter: Int?

  public init(
    error: WireError, command: String? = nil, number: Int? = nil, fatal: Bool = false, retryAfter: Int? = nil
  ) {
    self.error = error
    self.command = command
    self.number = number
    self.fatal = fatal
    self.retryAfter = retryAfter
  }
}

extension ErrorReply: WireMessage {
  static let op: StaticString = "error"

  func encodeMembers(into writer: inout JSONWriter) {
    error.encodeMembers(into: &writer)
    writer.member("for", ifPresent: command)
    writer.member("number", ifPresent: number)
    writer.flag("fatal", fatal)
    writer.member("retry_after_ms", ifPresent: retryAfter)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      error: try WireError(reader), command: try reader.optionalString("for"),
      number: try reader.optionalInteger("number", in: counts), fatal: try reader.flag("fatal"),
      retryAfter: try reader.optionalInteger("retry_after_ms", in: counts))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> ErrorReply {
    ErrorReply(
      error: .sample(using: &random), command: random.optional { $0.text() }, number: random.optional { $0.number() },
      fatal: random.flag(), retryAfter: random.optional { $0.number() })
  }
}
