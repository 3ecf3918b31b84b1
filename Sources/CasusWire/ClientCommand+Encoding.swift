internal import CasusEvents
internal import IJSON

extension ClientCommand {
  /// The control frame: JSON text in UTF-8.
  public func encoded() -> [UInt8] {
    switch self {
    case .hello(let hello): hello.encoded()
    case .publish(let publish): publish.encoded()
    case .subscribe(let subscribe): subscribe.encoded()
    case .ack(let ack): ack.encoded()
    case .nack(let nack): nack.encoded()
    case .credit(let credit): credit.encoded()
    case .unsubscribe(let unsubscribe): unsubscribe.encoded()
    case .ping(let ping): ping.encoded()
    case .request(let request): request.encoded()
    case .bye(let bye): bye.encoded()
    }
  }
}

extension Hello {
  func encoded() -> [UInt8] {
    controlFrame("hello") { writer in
      writer.array("protocol", [protocols.lowerBound, protocols.upperBound]) { $0.int($1) }
      writer.member("identity", identity)
      writer.object("manifest") {
        $0.member("program", program)
        $0.member("version", version)
        $0.member("summary", summary)
        $0.member("publishes", publishes)
        $0.member("subscribes", subscribes)
        guard !schemas.isEmpty else { return }
        $0.array("schemas", schemas) { writer, offer in
          writer.object {
            $0.member("type", offer.type)
            $0.member("schema", String(decoding: offer.schema, as: UTF8.self))
          }
        }
      }
    }
  }
}

extension Publish {
  func encoded() -> [UInt8] {
    controlFrame("publish") { writer in
      writer.member("batch", batch)
      writer.member("count", count)
      writer.flag("replay", replay)
    }
  }
}

extension Subscribe {
  func encoded() -> [UInt8] {
    controlFrame("subscribe") { writer in
      writer.member("sub", subscription)
      writer.member("types", types)
      if !senders.isEmpty { writer.member("senders", senders) }
      writer.member("name", ifPresent: name)
      writer.member("group", ifPresent: group)
      switch start {
      case .earliest: writer.member("from", "earliest")
      case .latest: writer.member("from", "latest")
      case .sequence(let sequence):
        writer.member("from", "sequence")
        writer.member("sequence", sequence: sequence)
      case .time(let time):
        writer.member("from", "time")
        writer.member("time", time.rfc3339)
      }
      writer.object("credit") {
        $0.member("events", creditEvents)
        $0.member("bytes", creditBytes)
      }
      if name != nil || group != nil {
        writer.member("ack_wait_ms", ackWait)
        writer.member("max_attempts", maxAttempts)
        if !backoff.isEmpty { writer.array("backoff_ms", backoff) { $0.int($1) } }
      }
      if overload != Overload() {
        writer.object("overload") {
          $0.member("policy", overload.policy.rawValue)
          $0.member("events", overload.events)
          $0.member("bytes", overload.bytes)
        }
      }
      writer.flag("progress", progress)
    }
  }
}

extension Ack {
  func encoded() -> [UInt8] {
    controlFrame("ack") { writer in
      writer.member("sub", subscription)
      if let through { writer.member("through", sequence: through) }
      if !also.isEmpty { writer.member("also", sequences: also) }
    }
  }
}

extension Nack {
  func encoded() -> [UInt8] {
    controlFrame("nack") { writer in
      writer.member("sub", subscription)
      writer.member("sequences", sequences: sequences)
      if let delay { writer.member("delay_ms", delay) }
      writer.member("reason", reason)
    }
  }
}

extension Credit {
  func encoded() -> [UInt8] {
    controlFrame("credit") { writer in
      writer.member("sub", subscription)
      writer.member("events", events)
      writer.member("bytes", bytes)
    }
  }
}

extension Unsubscribe {
  func encoded() -> [UInt8] {
    controlFrame("unsubscribe") { writer in
      writer.member("sub", subscription)
      writer.flag("forget", forget)
    }
  }
}

extension Ping {
  func encoded() -> [UInt8] {
    controlFrame("ping") { writer in
      writer.member("state", state.rawValue)
      writer.member("text", text)
    }
  }
}

extension Request {
  func encoded() -> [UInt8] {
    controlFrame("request") { writer in
      writer.member("id", id)
      writer.member("what", what)
      writer.object("parameters") {
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
          $0.name(dynamic: name)
          $0.string(value)
        }
      }
    }
  }
}

extension Bye {
  func encoded() -> [UInt8] {
    var writer = JSONWriter(capacity: 64)
    encode(into: &writer)
    return writer.bytes
  }

  func encode(into writer: inout JSONWriter) {
    writer.controlFrame("bye") { writer in
      writer.member("reason", reason)
    }
  }
}
