import Glibc

/// The outbox file as its thread writes it: appends, and leaves out what is settled when that is most of it.
final class OutboxWriter: @unchecked Sendable {  // made by one thread, then used by one other
  private let path: String
  private var descriptor: Int32
  private let identity: String
  private var end: Int
  /// Bytes of each event that is kept.
  private var live: [UInt64: Int]
  private var liveBytes: Int
  /// After a failure nothing is written: what the disk has is not known any more.
  private var failure: String?

  /// Below this nobody cares.
  private static let leastShrunk = 1 << 20

  init(_ path: String, _ descriptor: Int32, identity: String, end: Int, live: [UInt64: Int]) {
    self.path = path
    self.descriptor = descriptor
    self.identity = identity
    self.end = end
    self.live = live
    liveBytes = live.values.reduce(0, +)
  }

  func keep(_ sizes: [UInt64: Int]) {
    live.merge(sizes) { $1 }
    liveBytes += sizes.values.reduce(0, +)
  }

  func settle(_ number: UInt64) { liveBytes -= live.removeValue(forKey: number) ?? 0 }

  /// Returns why it could not be done.
  func write(_ records: [UInt8], sync: Bool) -> String? {
    if let failure { return failure }
    let frame = OutboxFormat.frame(records)
    guard OutboxFile.write(frame, descriptor, at: end), !sync || fdatasync(descriptor) == 0 else {
      failure = OutboxFile.reason
      return failure
    }
    end += frame.count
    return nil
  }

  /// Empties the file when nothing is kept, or writes it anew when it is four times what is.
  func shrink() {
    guard failure == nil, end > Self.leastShrunk, end > liveBytes * 4 else { return }
    let header = OutboxFormat.header(identity)
    if live.isEmpty {
      // Synced before anything follows, so that new events never stand among old ones.
      guard ftruncate(descriptor, off_t(header.count)) == 0, fdatasync(descriptor) == 0 else {
        failure = OutboxFile.reason
        return
      }
      end = header.count
    } else {
      rewrite(header)
    }
  }

  /// The old file stands until the new one is whole; where that does not work out, it simply goes on.
  private func rewrite(_ header: [UInt8]) {
    guard let bytes = OutboxFile.bytes(descriptor, end),
      let contents = try? OutboxFormat.read(bytes, identity: identity)
    else { return }
    var records: [UInt8] = []
    for kept in contents.kept { OutboxFormat.keep(kept, into: &records) }
    let new = header + OutboxFormat.frame(records)
    let other = open(path + ".new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard other >= 0 else { return }
    guard flock(other, LOCK_EX | LOCK_NB) == 0, OutboxFile.write(new, other, at: 0), fsync(other) == 0,
      rename(path + ".new", path) == 0
    else {
      close(other)
      unlink(path + ".new")
      return
    }
    if !OutboxFile.syncFolder(of: path) { failure = OutboxFile.reason }
    OutboxFile.closeLocked(descriptor)
    descriptor = other
    end = new.count
  }

  func finish() { OutboxFile.closeLocked(descriptor) }
}
