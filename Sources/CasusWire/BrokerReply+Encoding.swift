package import IJSON

extension BrokerReply {
  /// The control frame: JSON text in UTF-8.
  public func encoded() -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    encode(into: &writer)
    return writer.bytes
  }

  /// Writes the control frame, which is a document of its own; the writer must be empty.
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
}

extension Welcome {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("welcome") { writer in
      writer.member("protocol", version)
      writer.member("broker", broker)
      writer.member("identity", identity)
      writer.member("roles", roles)
      writer.member("publish", publish)
      writer.member("subscribe", subscribe)
      writer.member("clearance", clearance)
      writer.object("limits") {
        $0.member("event_bytes", limits.eventBytes)
        $0.member("batch_bytes", limits.batchBytes)
        $0.member("batch_events", limits.batchEvents)
        $0.member("window_bytes", limits.windowBytes)
        $0.member("credit_bytes", limits.creditBytes)
        $0.member("pending_events", limits.pendingEvents)
        $0.member("subscriptions", limits.subscriptions)
        $0.member("control_bytes", limits.controlBytes)
        $0.member("faults_per_s", limits.faultsPerSecond)
        $0.member("faults_at_once", limits.faultsAtOnce)
      }
      writer.member("heartbeat_ms", heartbeat)
      writer.member("first", sequence: first)
      writer.member("last", sequence: last)
    }
  }
}

extension Published {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("published") { writer in
      writer.member("batch", batch)
      writer.member("durability", durability)
      writer.member("accepted", accepted)
      if accepted > 0 { writer.member("first", sequence: first) }
      if !duplicates.isEmpty {
        writer.array("duplicates", duplicates) { writer, duplicate in
          writer.object {
            $0.member("index", duplicate.index)
            $0.member("sequence", sequence: duplicate.sequence)
          }
        }
      }
      if !refused.isEmpty {
        writer.array("refused", refused) { writer, refused in
          writer.object {
            $0.member("index", refused.index)
            $0.member("id", ifPresent: refused.id)
            $0.error(refused.error)
          }
        }
      }
    }
  }
}

extension Subscribed {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("subscribed") { writer in
      writer.member("sub", subscription)
      writer.member("next", sequence: next)
      if let acked { writer.member("acked", sequence: acked) }
      writer.member("last", sequence: last)
    }
  }
}

extension Deliver {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("deliver") { writer in
      writer.member("sub", subscription)
      writer.member("count", count)
      writer.member("senders", senders)
      writer.member("through", sequence: through)
    }
  }
}

extension Progress {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("progress") { writer in
      writer.member("sub", subscription)
      writer.member("through", sequence: through)
    }
  }
}

extension Dropped {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("dropped") { writer in
      writer.member("sub", subscription)
      writer.member("first", sequence: first)
      writer.member("last", sequence: last)
      writer.member("count", count)
    }
  }
}

extension Unsubscribed {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("unsubscribed") { writer in
      writer.member("sub", subscription)
    }
  }
}

extension Pong {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("pong") { writer in
      writer.member("last", sequence: last)
    }
  }
}

extension Reply {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("reply") { writer in
      writer.member("id", id)
      writer.raw("result", result)
    }
  }
}

extension ErrorReply {
  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("error") { writer in
      writer.error(error)
      writer.member("for", ifPresent: command)
      writer.member("number", ifPresent: number)
      writer.flag("fatal", fatal)
      writer.member("retry_after_ms", ifPresent: retryAfter)
    }
  }
}

extension JSONWriter {
  mutating func error(_ error: WireError) {
    member("code", error.code.rawValue)
    member("name", error.code.name)
    member("pointer", ifPresent: error.pointer)
    member("schema", ifPresent: error.schema)
    member("schema_pointer", ifPresent: error.schemaPointer)
    member("message", error.message)
  }
}
