internal import CasusEvents
internal import IJSON

/// Reads control frames. Keeps a parser whose buffers it reuses; not safe from several threads.
public struct WireDecoder {
  private let parser: JSONParser

  public init(limits: WireLimits = WireLimits()) {
    parser = JSONParser(limits: JSONLimits(maxBytes: limits.controlBytes, maxDepth: 16))
  }

  /// A frame from a client. Errors: `malformed-control`, `unknown-command`.
  public func clientCommand(_ frame: UnsafeRawBufferPointer) throws(WireError) -> ClientCommand {
    let (op, reader) = try open(frame)
    switch op {
    case "hello": return .hello(try Hello(reader))
    case "publish": return .publish(try Publish(reader))
    case "subscribe": return .subscribe(try Subscribe(reader))
    case "ack": return .ack(try Ack(reader))
    case "nack": return .nack(try Nack(reader))
    case "credit": return .credit(try Credit(reader))
    case "unsubscribe": return .unsubscribe(try Unsubscribe(reader))
    case "ping": return .ping(try Ping(reader))
    case "request": return .request(try Request(reader))
    case "bye": return .bye(Bye(reason: try reader.optionalString("reason") ?? ""))
    default: throw WireError(.unknownCommand, "'\(op.prefix(40))' is not a client's command", pointer: "/op")
    }
  }

  /// What a frame that `clientCommand` refused was about, as far as it can be read: a command that clients have, and the
  /// client's own number in it.
  public func label(_ frame: UnsafeRawBufferPointer) -> (op: String, number: Int?)? {
    guard let (op, reader) = try? open(frame) else { return nil }
    switch op {
    case "hello", "ping", "bye": return (op, nil)
    case "publish": return (op, try? reader.optionalInteger("batch", in: counts))
    case "request": return (op, try? reader.optionalInteger("id", in: counts))
    case "subscribe", "ack", "nack", "credit", "unsubscribe":
      return (op, try? reader.optionalInteger("sub", in: counts))
    default: return nil
    }
  }

  /// A frame from a broker. Errors: `malformed-control`, `unknown-command`.
  public func brokerReply(_ frame: UnsafeRawBufferPointer) throws(WireError) -> BrokerReply {
    let (op, reader) = try open(frame)
    switch op {
    case "welcome": return .welcome(try Welcome(reader))
    case "published": return .published(try Published(reader))
    case "subscribed": return .subscribed(try Subscribed(reader))
    case "deliver": return .deliver(try Deliver(reader))
    case "progress": return .progress(try Progress(reader))
    case "dropped": return .dropped(try Dropped(reader))
    case "unsubscribed": return .unsubscribed(Unsubscribed(subscription: try reader.subscription()))
    case "pong": return .pong(Pong(last: try reader.sequence("last")))
    case "reply": return .reply(try Reply(reader))
    case "error": return .error(try ErrorReply(reader))
    case "bye": return .bye(Bye(reason: try reader.optionalString("reason") ?? ""))
    default: throw WireError(.unknownCommand, "'\(op.prefix(40))' is not a broker's reply", pointer: "/op")
    }
  }

  private func open(_ frame: UnsafeRawBufferPointer) throws(WireError) -> (op: String, reader: ControlReader) {
    let value: JSONValue
    do throws(JSONError) {
      value = try parser.parse(frame)
    } catch {
      throw WireError(.malformedControl, "the control frame is not I-JSON: \(error.message)", pointer: error.pointer)
    }
    guard value.kind == .object else { throw WireError(.malformedControl, "the control frame is not an object") }
    let reader = ControlReader(value)
    return (try reader.string("op"), reader)
  }
}

/// Every count in a control frame fits here; larger ones cannot be meant.
private let counts = 0...0x7fff_ffff

extension ControlReader {
  fileprivate func subscription() throws(WireError) -> Int { try integer("sub", in: counts) }
}

extension Hello {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    let range = try reader.integers("protocol")
    guard range.count == 2, range[0] <= range[1] else {
      throw WireError(.malformedControl, "/protocol: must be [lowest, highest]", pointer: "/protocol")
    }
    let manifest = try reader.object("manifest")
    self.init(
      protocols: range[0]...range[1], identity: try reader.string("identity"),
      program: try manifest.string("program"), version: try manifest.string("version"),
      summary: try manifest.optionalString("summary") ?? "", publishes: try manifest.strings("publishes"),
      subscribes: try manifest.strings("subscribes"),
      schemas: try manifest.objects("schemas") { (offer) throws(WireError) in
        SchemaOffer(type: try offer.string("type"), schema: Array(try offer.string("schema").utf8))
      })
  }
}

extension Publish {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      batch: try reader.integer("batch", in: counts), count: try reader.integer("count", in: counts),
      replay: try reader.flag("replay"))
  }
}

extension Subscribe {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    let start: Start
    switch try reader.optionalString("from") ?? "latest" {
    case "earliest": start = .earliest
    case "latest": start = .latest
    case "sequence": start = .sequence(try reader.sequence("sequence"))
    case "time":
      guard let time = Timestamp(rfc3339: try reader.string("time")) else {
        throw WireError(.malformedControl, "/time: must be an RFC 3339 time", pointer: "/time")
      }
      start = .time(time)
    default:
      throw WireError(.malformedControl, "/from: must be earliest, latest, sequence or time", pointer: "/from")
    }
    let credit = try reader.object("credit")
    let backoff = try reader.integers("backoff_ms")
    guard backoff.count <= Subscribe.mostBackoffSteps, backoff.allSatisfy({ (0...86_400_000).contains($0) }) else {
      throw WireError(
        .malformedControl,
        "/backoff_ms: must hold at most \(Subscribe.mostBackoffSteps) integers from 0 to 86400000",
        pointer: "/backoff_ms")
    }
    self.init(
      subscription: try reader.subscription(), types: try reader.strings("types"),
      senders: try reader.strings("senders"), name: try reader.optionalString("name"),
      group: try reader.optionalString("group"), start: start,
      creditEvents: try credit.integer("events", in: counts), creditBytes: try credit.integer("bytes", in: counts),
      ackWait: try reader.optionalInteger("ack_wait_ms", in: 100...86_400_000) ?? 30_000,
      maxAttempts: try reader.optionalInteger("max_attempts", in: 1...1_000) ?? 5, backoff: backoff,
      overload: reader.has("overload") ? try Overload(reader.object("overload")) : Overload(),
      progress: try reader.flag("progress"))
  }
}

extension Overload {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    guard let policy = Policy(rawValue: try reader.string("policy")) else {
      throw WireError(
        .malformedControl, "/overload/policy: must be block, drop-oldest or disconnect", pointer: "/overload/policy")
    }
    self.init(policy)
    if let number = try reader.optionalInteger("events", in: 1...Self.mostEvents) { events = number }
    if let number = try reader.optionalInteger("bytes", in: 1...Self.mostBytes) { bytes = number }
  }
}

extension Ack {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), through: try reader.optionalSequence("through"),
      also: try reader.sequences("also"))
  }
}

extension Nack {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), sequences: try reader.sequences("sequences"),
      delay: try reader.optionalInteger("delay_ms", in: 0...86_400_000),
      reason: try reader.optionalString("reason") ?? "")
  }
}

extension Credit {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), events: try reader.integer("events", in: counts),
      bytes: try reader.integer("bytes", in: counts))
  }
}

extension Unsubscribe {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(subscription: try reader.subscription(), forget: try reader.flag("forget"))
  }
}

extension Ping {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    guard let state = HealthState(rawValue: try reader.optionalString("state") ?? "ok") else {
      throw WireError(.malformedControl, "/state: must be ok, degraded or failing", pointer: "/state")
    }
    self.init(state: state, text: try reader.optionalString("text") ?? "")
  }
}

extension Request {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      id: try reader.integer("id", in: counts), what: try reader.string("what"),
      parameters: try reader.stringMembers("parameters"))
  }
}

extension Welcome {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    let object = try reader.object("limits")
    var limits = WireLimits()
    limits.eventBytes = try object.integer("event_bytes", in: counts)
    limits.batchBytes = try object.integer("batch_bytes", in: counts)
    limits.batchEvents = try object.integer("batch_events", in: counts)
    limits.windowBytes = try object.integer("window_bytes", in: counts)
    limits.creditBytes = try object.integer("credit_bytes", in: counts)
    limits.subscriptions = try object.integer("subscriptions", in: counts)
    limits.controlBytes = try object.integer("control_bytes", in: counts)
    // A broker before these limits bounded nothing.
    limits.pendingEvents = try object.optionalInteger("pending_events", in: counts) ?? counts.upperBound
    limits.faultsPerSecond = max(1, try object.optionalInteger("faults_per_s", in: counts) ?? counts.upperBound)
    limits.faultsAtOnce = try object.optionalInteger("faults_at_once", in: counts) ?? counts.upperBound
    self.init(
      version: try reader.integer("protocol", in: counts), broker: try reader.string("broker"),
      identity: try reader.string("identity"), roles: try reader.strings("roles"),
      publish: try reader.strings("publish"), subscribe: try reader.strings("subscribe"),
      clearance: try reader.string("clearance"), limits: limits,
      heartbeat: try reader.integer("heartbeat_ms", in: counts), first: try reader.sequence("first"),
      last: try reader.sequence("last"))
  }
}

extension Published {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      batch: try reader.integer("batch", in: counts), durability: try reader.string("durability"),
      accepted: try reader.integer("accepted", in: counts), first: try reader.optionalSequence("first") ?? 0)
    duplicates = try reader.objects("duplicates") { (object) throws(WireError) in
      Duplicate(index: try object.integer("index", in: counts), sequence: try object.sequence("sequence"))
    }
    refused = try reader.objects("refused") { (object) throws(WireError) in
      Refused(
        index: try object.integer("index", in: counts), id: try object.optionalString("id"),
        error: try WireError(object))
    }
  }
}

extension Subscribed {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), next: try reader.sequence("next"),
      acked: try reader.optionalSequence("acked"), last: try reader.sequence("last"))
  }
}

extension Deliver {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), count: try reader.integer("count", in: counts),
      senders: try reader.strings("senders"), through: try reader.sequence("through"))
  }
}

extension Progress {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(subscription: try reader.subscription(), through: try reader.sequence("through"))
  }
}

extension Dropped {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      subscription: try reader.subscription(), first: try reader.sequence("first"), last: try reader.sequence("last"),
      count: try reader.integer("count", in: counts))
  }
}

extension Reply {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(id: try reader.integer("id", in: counts), result: try reader.text("result"))
  }
}

extension ErrorReply {
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    self.init(
      error: try WireError(reader), command: try reader.optionalString("for"),
      number: try reader.optionalInteger("number", in: counts), fatal: try reader.flag("fatal"),
      retryAfter: try reader.optionalInteger("retry_after_ms", in: counts))
  }
}

extension WireError {
  /// A code that this version does not know, from a newer broker, reads as `internal` with its number in the message.
  fileprivate init(_ reader: ControlReader) throws(WireError) {
    let number = try reader.integer("code", in: counts)
    let message = try reader.string("message")
    let code = WireErrorCode(rawValue: number)
    self.init(
      code ?? .internal, code == nil ? "code \(number): \(message)" : message,
      pointer: try reader.optionalString("pointer"), schema: try reader.optionalString("schema"),
      schemaPointer: try reader.optionalString("schema_pointer"))
  }
}
