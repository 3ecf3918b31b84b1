import CasusEvents
import CasusJournal
import MCAP
import SystemFiles

/// Reads events in order from a capture, a single segment, or a journal's folder.
///
/// Opens nothing for writing and takes no lock, so a running broker's journal can be read. A file that was cut, or is
/// still being written, gives every event up to its last whole commit, and `cuts` says where it ended. Every CRC is
/// checked. Memory: one unpacked chunk. One thread at a time.
public final class CaptureReader {
  /// A place where a file ended before its end.
  public struct Cut: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// End of the last whole record.
    public var offset: UInt64
    /// Bytes behind it that could not be read.
    public var bytes: UInt64
    public var reason: String

    public var description: String {
      "\(file) ends at byte \(offset)\(bytes > 0 ? ", \(bytes) bytes behind it cannot be read" : ""): \(reason)"
    }
  }

  /// The files, in the order in which they are read.
  public let files: [String]
  public private(set) var cuts: [Cut] = []
  /// Words of the file that is being read about itself: `broker`, `program`, `first`, and a capture's notes.
  public private(set) var metadata: [String: String] = [:]
  /// Events handed out so far.
  public private(set) var count: UInt64 = 0

  private var remaining: ArraySlice<String>
  private var current: (path: String, source: DiskFile, reader: MCAPStreamReader)?
  private var channels: [UInt16: EventChannel] = [:]
  /// The least that the next sequence can be.
  private var floor: UInt64 = 1

  /// - Throws: `.io` when there is nothing at `path`, `.format` when a folder holds no segment.
  public init(_ path: String) throws(CaptureError) {
    files = try Self.files(at: path)
    remaining = files[...]
  }

  /// The next event, or `nil` at the end.
  ///
  /// - Throws: `.damaged` when bytes are not what was written and more follow them, `.format` when a file holds
  ///   messages that are no events.
  public func next() throws(CaptureError) -> CapturedEvent? {
    while true {
      guard let file = try opened() else { return nil }
      do throws(MCAPError) {
        guard let record = try file.reader.next() else {
          current = nil
          continue
        }
        switch record {
        case .channel(let channel): channels[channel.id] = EventChannel(channel)
        case .metadata(let found) where found.name == captureMetadataName || found.name == segmentMetadataName:
          metadata = found.metadata
          if let first = found.metadata["first"].flatMap(UInt64.init), first > 0 { floor = first }
        case .message(let message):
          guard let event = try event(message) else {
            throw MCAPError(.malformed, at: file.reader.goodEnd, "a message that is no event of Casus")
          }
          return event
        // The data are complete: what follows repeats them.
        case .dataEnd:
          try drain(file.reader)
          current = nil
        default: break
        }
      } catch {
        try stop(error, file)
      }
    }
  }

  private func opened() throws(CaptureError) -> (path: String, source: DiskFile, reader: MCAPStreamReader)? {
    if let current { return current }
    guard let path = remaining.popFirst() else { return nil }
    do throws(MCAPError) {
      let source = try DiskFile(reading: path)
      channels = [:]
      current = (path, source, MCAPStreamReader(source))
      return current
    } catch { throw CaptureError(error, path) }
  }

  /// Reads the summary for its CRC's sake.
  private func drain(_ reader: MCAPStreamReader) throws(MCAPError) {
    while try reader.next() != nil {}
  }

  /// An end that comes too early in the last file is a cut; anything else is damage.
  private func stop(
    _ error: MCAPError, _ file: (path: String, source: DiskFile, reader: MCAPStreamReader)
  ) throws(CaptureError) {
    guard error.code == .truncated, remaining.isEmpty else { throw CaptureError(error, file.path) }
    let end = file.reader.goodEnd
    let rest = file.source.size > end ? file.source.size - end : 0
    let reason = rest == 0 ? "the file was never closed" : "an unfinished write, or the file was cut"
    cuts.append(Cut(file: file.path, offset: end, bytes: rest, reason: reason))
    current = nil
  }

  private func event(_ message: Message) throws(MCAPError) -> CapturedEvent? {
    guard let channel = channels[message.channelID] else { return nil }
    // The file has the low 32 bits; sequences only rise, so the rest is known.
    var sequence = floor & ~0xFFFF_FFFF | UInt64(message.sequence)
    if sequence < floor { sequence += 1 << 32 }
    var stamp = Stamp(
      sequence: sequence, recorded: Timestamp(nanoseconds: Int64(clamping: message.logTime)),
      sender: channel.sender ?? "",
      flags: channel.flags)
    // Where another program wrote the file, the event's own source is asked.
    if channel.sender == nil {
      guard let envelope = try? RecordedEvent(stamp: stamp, bytes: message.data).envelope else { return nil }
      stamp.sender = String(envelope.source.drop { $0 == "/" })
      if envelope.exercise { stamp.flags.insert(.exercise) }
    }
    floor = sequence + 1
    count += 1
    return CapturedEvent(
      stamp: stamp, type: channel.type, published: Timestamp(nanoseconds: Int64(clamping: message.publishTime)),
      bytes: message.data)
  }

  private static func files(at path: String) throws(CaptureError) -> [String] {
    guard Files.exists(path) else { throw CaptureError(.io, file: path, "there is no such file or folder") }
    guard Files.isFolder(path) else { return [path] }
    guard let all = try? Files.names(in: path) else {
      throw CaptureError(.io, file: path, "the folder cannot be read")
    }
    let names = all.filter { $0.hasSuffix(".mcap") }
    guard !names.isEmpty else { throw CaptureError(.format, file: path, "the folder holds no .mcap file") }
    return names.map { "\(path)/\($0)" }
  }
}
