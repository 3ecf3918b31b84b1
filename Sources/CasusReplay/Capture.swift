public import CasusEvents
import CasusJournal
import Glibc
import MCAP

/// What stands in a capture about where it comes from.
public struct CaptureDescription: Hashable, Sendable {
  /// The broker's name.
  public var broker: String
  /// The program that writes the capture.
  public var program: String
  /// Whatever else a reader should know: a topology's digest, an exercise's name, the filter that was used.
  public var notes: [String: String]

  public init(broker: String, program: String, notes: [String: String] = [:]) {
    self.broker = broker
    self.program = program
    self.notes = notes
  }
}

/// Writes a stretch of events to an MCAP file: profile `casus`, the same mapping as the journal's segments.
///
/// A channel is a (type, sender, flags); log time is when it was recorded, publish time the event's own, the sequence
/// its low 32 bits; the Metadata record `casus-capture` has the first sequence in full and the description. Memory: one
/// chunk of 1 MiB. One thread at a time; nothing may be appended after `finish`.
public final class Capture {
  private let file: DiskFile
  private let writer: MCAPWriter
  private let description: CaptureDescription
  private let schema: (EventType) -> [UInt8]?
  /// Number and digest; 0 for a type without one.
  private var schemas: [EventType: (id: UInt16, digest: String)] = [:]
  private var channels: [ChannelKey: UInt16] = [:]
  private var lastSequence: UInt64 = 0

  private struct ChannelKey: Hashable {
    var type: EventType
    var sender: String
    var flags: StampFlags
  }

  public private(set) var count: UInt64 = 0

  /// Makes the file, mode 0600. One that exists is never overwritten, nor what a link at that name leads to.
  ///
  /// - Parameter schema: gives the JSON Schema of a type, once for each; `nil` leaves the channel without one.
  public init(
    creating path: String, _ description: CaptureDescription, schema: @escaping (EventType) -> [UInt8]?
  ) throws(CaptureError) {
    self.description = description
    self.schema = schema
    var options = MCAPWriterOptions()
    options.profile = "casus"
    do throws(MCAPError) {
      file = try DiskFile(creating: path)
    } catch {
      throw CaptureError(.cannotCreate, file: path, Self.reason(error))
    }
    do throws(MCAPError) {
      writer = try MCAPWriter(file, options: options)
    } catch { throw CaptureError(error, path) }
  }

  private static func reason(_ error: MCAPError) -> String {
    error.errno == EEXIST
      ? "there is something of that name, and a capture overwrites nothing; name a new file"
      : "cannot be made: \(error.errno.map { String(cString: strerror($0)) } ?? error.message)"
  }

  /// Appends an event; its sequence is larger than that of the one before.
  public func append(_ event: CapturedEvent) throws(CaptureError) {
    guard event.stamp.sequence > lastSequence else {
      throw CaptureError(
        .format, file: file.path, "sequence \(event.stamp.sequence) cannot follow \(lastSequence)")
    }
    do throws(MCAPError) {
      if count == 0 { try writer.write(metadata(first: event.stamp.sequence)) }
      let channel = try channel(event)
      try writer.write(
        Message(
          channelID: channel, sequence: UInt32(truncatingIfNeeded: event.stamp.sequence),
          logTime: UInt64(max(event.stamp.recorded.nanoseconds, 0)),
          publishTime: UInt64(max(event.published.nanoseconds, 0)), data: event.bytes))
    } catch { throw CaptureError(error, file.path) }
    lastSequence = event.stamp.sequence
    count += 1
  }

  /// Makes what was appended so far readable, should this process end before `finish`.
  public func flush() throws(CaptureError) {
    do throws(MCAPError) {
      try writer.closeChunk()
      try file.flush()
    } catch { throw CaptureError(error, file.path) }
  }

  /// Writes the summary and waits for the disk.
  public func finish() throws(CaptureError) {
    do throws(MCAPError) {
      if count == 0 { try writer.write(metadata(first: 0)) }
      try writer.finish()
      try file.close()
    } catch { throw CaptureError(error, file.path) }
  }

  private func metadata(first: UInt64) -> Metadata {
    var fields = description.notes
    fields["broker"] = description.broker
    fields["program"] = description.program
    fields["first"] = String(first)
    fields["format"] = "1"
    return Metadata(name: captureMetadataName, metadata: fields)
  }

  private func channel(_ event: CapturedEvent) throws(MCAPError) -> UInt16 {
    let key = ChannelKey(type: event.type, sender: event.stamp.sender, flags: event.stamp.flags.kept)
    if let known = channels[key] { return known }
    guard channels.count < Int(UInt16.max) else {
      throw MCAPError(.limit, "a file has room for 65,535 channels")
    }
    let schema = if let known = schemas[event.type] { known } else { try addSchema(of: event.type) }
    let channel = EventChannel(type: event.type, sender: key.sender, flags: key.flags, digest: schema.digest)
    let id = UInt16(channels.count + 1)
    try writer.add(channel.channel(id, schema: schema.id))
    channels[key] = id
    return id
  }

  private func addSchema(of type: EventType) throws(MCAPError) -> (id: UInt16, digest: String) {
    var added: (id: UInt16, digest: String) = (0, "")
    if let text = schema(type) {
      added = (UInt16(schemas.count + 1), sha256Hex(text))
      try writer.add(EventChannel.schema(added.id, of: type, text))
    }
    schemas[type] = added
    return added
  }
}

let captureMetadataName = "casus-capture"

extension CaptureError {
  init(_ error: MCAPError, _ path: String) {
    let code: Code =
      switch error.code {
      case .io: .write
      case .notMCAP, .unsupported: .format
      default: .damaged
      }
    self.init(code, file: path, offset: error.offset, error.message)
  }
}
