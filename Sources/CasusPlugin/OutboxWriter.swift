import Glibc
import SystemFiles

/// The outbox file as its thread writes it: appends, and leaves out what is settled when that is most of it.
final class OutboxWriter: @unchecked Sendable {  // made by one thread, then used by one other
  enum Shrinking: Equatable {
    case nothingDue
    case done
    /// The old file goes on; it is tried again after a pause.
    case failed(String)
  }

  private let path: String
  private var descriptor: Int32
  private let identity: String
  private var end: Int
  /// Bytes of each event that is kept.
  private var live: [UInt64: Int]
  private var liveBytes: Int
  /// After a failure nothing is written: what the disk has is not known any more.
  private var failure: String?
  /// After a rewrite that failed: each one reads the whole file, so the next one waits.
  private var pause = Duration.zero
  private var rewriteAt: ContinuousClock.Instant?
  private let mostBytes: Int

  /// Below this nobody cares.
  private static let leastShrunk = 1 << 20
  private static let pauses = (first: Duration.seconds(1), last: Duration.seconds(60))

  init(
    _ path: String, _ descriptor: Int32, identity: String, end: Int, live: [UInt64: Int],
    mostBytes: Int = OutboxFormat.mostFileBytes
  ) {
    self.path = path
    self.descriptor = descriptor
    self.identity = identity
    self.end = end
    self.live = live
    self.mostBytes = mostBytes
    liveBytes = live.values.reduce(0, +)
  }

  /// Writes events that are a frame of the file already. Returns why it could not be done.
  func keep(_ events: EncodedEvents, first: UInt64, now: ContinuousClock.Instant) -> String? {
    if let refusal = failure ?? makeRoom(for: events.bytes.count, now: now) ?? write(events.bytes) { return refusal }
    for place in 0..<events.count {
      let size = events.eventSize(place)
      live[first + UInt64(place)] = size
      liveBytes += size
    }
    return nil
  }

  func settle(_ numbers: Range<UInt64>) {
    for number in numbers { liveBytes -= live.removeValue(forKey: number) ?? 0 }
  }

  /// Writes what became settled. A full file loses nothing by not being told: the events would be sent again, and known.
  func tell(_ settled: [UInt8]) {
    guard failure == nil, !settled.isEmpty, end + settled.count + OutboxFormat.frameHead <= mostBytes,
      let frame = try? OutboxFormat.frame(settled)
    else { return }
    _ = write(frame)
  }

  /// Returns why it could not be done.
  func sync() -> String? {
    if failure == nil, fdatasync(descriptor) != 0 { failure = OutboxFile.reason }
    return failure
  }

  /// Where so many bytes don't fit into the file, it is written anew if that is due. Returns why there is no room.
  private func makeRoom(for bytes: Int, now: ContinuousClock.Instant) -> String? {
    guard end + bytes > mostBytes else { return nil }
    let shrinking = shrink(now: now)
    guard end + bytes > mostBytes else { return nil }
    let reason = if case .failed(let reason) = shrinking { ": \(reason)" } else { "" }
    return "it has \(end) of at most \(mostBytes) bytes\(reason)"
  }

  private func write(_ frame: [UInt8]) -> String? {
    if let errno = OutboxFile.write(frame, descriptor, at: end) {
      failure = SystemError.message(errno)
      return failure
    }
    end += frame.count
    return nil
  }

  /// Empties the file when nothing is kept, or writes it anew when it is four times what is.
  func shrink(now: ContinuousClock.Instant) -> Shrinking {
    guard failure == nil, end > min(Self.leastShrunk, mostBytes / 2), end > liveBytes * 4 else { return .nothingDue }
    let header = OutboxFormat.header(identity)
    if live.isEmpty {
      // Synced before anything follows, so that new events never stand among old ones.
      guard ftruncate(descriptor, off_t(header.count)) == 0, fdatasync(descriptor) == 0 else {
        failure = OutboxFile.reason
        return .failed(OutboxFile.reason)
      }
      end = header.count
    } else {
      if let rewriteAt, now < rewriteAt { return .nothingDue }
      if let reason = rewrite(header) {
        pause = min(max(pause * 2, Self.pauses.first), Self.pauses.last)
        rewriteAt = now + pause
        return .failed(reason)
      }
    }
    pause = .zero
    rewriteAt = nil
    return .done
  }

  /// The old file stands until the new one is whole; where that does not work out, it simply goes on. Returns why it did not.
  private func rewrite(_ header: [UInt8]) -> String? {
    let new = path + ".new"
    let other = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard other >= 0 else { return "\(new): \(OutboxFile.reason)" }
    let (size, reason) = copy(header, to: other)
    guard let size, rename(new, path) == 0 else {
      let reason = reason ?? "\(new): \(OutboxFile.reason)"
      close(other)
      unlink(new)
      return reason
    }
    do throws(SystemError) { try Files.syncFolder(of: path) } catch { failure = error.reason }
    OutboxFile.closeLocked(descriptor)
    descriptor = other
    end = size
    return nil
  }

  /// Writes what is kept; returns the new file's size, or why there is none.
  private func copy(_ header: [UInt8], to other: Int32) -> (size: Int?, reason: String?) {
    guard flock(other, LOCK_EX | LOCK_NB) == 0 else { return (nil, "locking: \(OutboxFile.reason)") }
    guard let bytes = OutboxFile.bytes(descriptor, end) else { return (nil, "reading: \(OutboxFile.reason)") }
    var records: [UInt8] = []
    do throws(OutboxFormat.Fault) {
      for kept in try OutboxFormat.read(bytes, identity: identity).kept { try OutboxFormat.keep(kept, into: &records) }
      let new = header + (try OutboxFormat.frame(records))
      if let errno = OutboxFile.write(new, other, at: 0) { return (nil, "writing: \(SystemError.message(errno))") }
      guard fsync(other) == 0 else { return (nil, "writing: \(OutboxFile.reason)") }
      return (new.count, nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  func finish() { OutboxFile.closeLocked(descriptor) }
}
