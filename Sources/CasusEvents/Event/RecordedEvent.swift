internal import FoundationEssentials

/// An accepted event as every reader sees it: the publisher's bytes unchanged, and the broker's stamp beside them.
///
/// `init` reads the envelope (a few microseconds); `data(as:)` reads the rest when asked (tens of them). A plain value,
/// safe anywhere.
public struct RecordedEvent: Sendable {
  public let stamp: Stamp
  /// The event exactly as its publisher sent it: what digests and signatures are of.
  public let bytes: [UInt8]
  public let envelope: Envelope

  /// Throws `EventError.envelope` where the bytes aren't a CloudEvents 1.0 event with Casus' required attributes. Bytes
  /// that never went through a broker may have a `data` that is no JSON; then `data(as:)` throws.
  public init(stamp: Stamp, bytes: [UInt8]) throws(EventError) {
    self.stamp = stamp
    self.bytes = bytes
    if let scanned = bytes.withUnsafeBufferPointer(EnvelopeScanner.scan) {
      envelope = scanned
    } else {
      envelope = try decode(Envelope.self, from: bytes, code: .envelope)
    }
  }

  /// The event's `data` as its type. Throws `EventError` (`type` when the event is of another type, `data` when a
  /// member is missing or of the wrong kind, which the broker's schema check rules out).
  public func data<P: Payload>(as payload: P.Type) throws(EventError) -> P {
    guard envelope.type == P.type else {
      throw EventError(.type, "the event is \(envelope.type), not \(P.type)")
    }
    return try decode(Body<P>.self, from: bytes, code: .data).data
  }

  public var sha256: String { sha256Hex(bytes) }

  /// Names this event by source, id and digest. Without the sequence, so that what is derived from a replay, where
  /// sequences differ, has the same bytes.
  public var reference: EventReference {
    EventReference(source: envelope.source, id: envelope.id, sha256: sha256)
  }

  /// As ``reference``, with the place in this journal.
  public var recordedReference: EventReference {
    EventReference(source: envelope.source, id: envelope.id, sequence: String(stamp.sequence), sha256: sha256)
  }
}

private struct Body<P: Payload>: Decodable {
  let data: P
}

private func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8], code: EventError.Code) throws(EventError) -> T {
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch {
    throw EventError(code, "\(error)")
  }
}
