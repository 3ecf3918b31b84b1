import Glibc
import Synchronization
import SystemFiles
import ZeroMQ

/// The outbox on disk: events stand in a file, synced, before they are sent, and until they are settled, so that neither the end
/// of this process nor that of the broker loses one.
///
/// One thread of its own writes; what is handed over while it syncs goes with the next sync. The file is bounded by what may
/// wait in the outbox: what is settled is left out when it outgrows what is kept. One process a file (it is locked).
/// Thread-safe.
final class OutboxFile: Sendable {
  private enum Job {
    case keep(EncodedEvents, first: UInt64, Promise<Void>)
    case settle(Range<UInt64>)
  }

  private struct State {
    var jobs: [Job] = []
    var next: UInt64
    var isStopping = false
  }

  let path: String
  /// What an earlier process left, in order.
  let left: [OutboxFormat.Kept]
  private let state: Mutex<State>
  private let bell: WakeUp
  private let ended = Promise<Void>()

  /// Opens the file, or makes it; blocks. Cuts off what a crash left unfinished.
  /// Throws `BusError` (`.configuration`) when the file is damaged, another plugin's or in use, with what to do.
  ///
  /// - Parameter tell: hears what an operator should know of the file; called on its thread.
  init(
    _ path: String, identity: String, tell: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(BusError) {
    self.path = path
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.error(path, "cannot be opened: \(Self.reason)") }
    var mustClose = true
    defer { if mustClose { Self.closeLocked(descriptor) } }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Self.error(path, errno == EWOULDBLOCK ? "is in use by another process" : "cannot be locked: \(Self.reason)")
    }
    var contents = try Self.read(descriptor, path, identity)
    let header = OutboxFormat.header(identity)
    if contents.end == 0 {
      try Self.must(path, ftruncate(descriptor, 0) == 0 ? Self.write(header, descriptor, at: 0) : errno)
      contents.end = header.count
    } else {
      try Self.must(path, ftruncate(descriptor, off_t(contents.end)) == 0 ? nil : errno)
    }
    try Self.must(path, fsync(descriptor) == 0 ? nil : errno)
    do throws(SystemError) { try Files.syncFolder(of: path) } catch { try Self.must(path, error.code) }
    left = contents.kept
    state = Mutex(State(next: contents.next))
    let writer = OutboxWriter(
      path, descriptor, identity: identity, end: contents.end,
      live: Dictionary(uniqueKeysWithValues: contents.kept.map { ($0.number, $0.event.count) }))
    do {
      bell = try WakeUp()
      let place = OutboxPlace()
      _ = try OwnedThread(name: "casus-outbox") { [bell, ended] in
        Self.run(writer, bell, tell) { place.file.withLock { $0.value }.map { $0.take() } }
        ended.fulfill(())
      }
      place.file.withLock { $0.value = self }
    } catch {
      throw Self.error(path, "\(error)")
    }
    mustClose = false
  }

  deinit { bell.ring() }

  /// Lets the lock go, too. Closing alone would not: a child between its fork and its exec still has the descriptor.
  static func closeLocked(_ descriptor: Int32) {
    flock(descriptor, LOCK_UN)
    Glibc.close(descriptor)
  }

  /// The same on a thread of its own, as the file may be large.
  static func opened(
    _ path: String, identity: String, tell: @escaping @Sendable (String) -> Void
  ) async throws -> OutboxFile {
    let opened = Promise<OutboxFile>()
    _ = try OwnedThread(name: "casus-outbox") {
      do throws(BusError) { opened.fulfill(try OutboxFile(path, identity: identity, tell: tell)) } catch {
        opened.fail(error)
      }
    }
    return try await opened.value()
  }

  /// Keeps events. Returns their numbers when they are on disk.
  /// Throws `BusError` (`.outbox`) when the disk did not take them; then nothing more is taken. When the file has no room, what
  /// stands in it still goes out, and there may be room later.
  func keep(_ events: inout EncodedEvents, replay: Bool) async throws -> Range<UInt64> {
    let done = Promise<Void>()
    let count = UInt64(events.count)
    let first = state.withLock { state in
      defer { state.next += count }
      return state.next
    }
    do throws(OutboxFormat.Fault) {
      try events.beFrame(first: first, replay: replay)
    } catch {
      throw BusError(.outbox, "\(events.size) bytes of events are more than the outbox file takes at once")
    }
    let job = Job.keep(events, first: first, done)
    state.withLock { $0.jobs.append(job) }
    bell.ring()
    // A cancelled task must wait, too: who is told nothing would not send what stands in the file.
    try await Task { try await done.value() }.value
    return first..<first + count
  }

  /// Events were accepted, or refused for good. Not synced: were it lost, they would be sent again, and the broker
  /// would know them.
  func settle(_ numbers: Range<UInt64>) {
    state.withLock { $0.jobs.append(.settle(numbers)) }
    bell.ring()
  }

  /// Writes what is due and lets the file go.
  func close() async {
    state.withLock { $0.isStopping = true }
    bell.ring()
    _ = await Task { [ended] in try? await ended.value() }.value
  }

  private func take() -> (jobs: [Job], stop: Bool) {
    state.withLock { state in
      defer { state.jobs = [] }
      return (state.jobs, state.isStopping)
    }
  }

  // MARK: The thread

  private static func run(
    _ writer: OutboxWriter, _ bell: WakeUp, _ tell: (String) -> Void, _ take: () -> (jobs: [Job], stop: Bool)?
  ) {
    let clock = ContinuousClock()
    var poller = Poller()
    poller.add(fileDescriptor: bell.fileDescriptor)
    while true {
      // Only a broken poll fails, and then the bound is short.
      _ = try? poller.wait(for: .seconds(1))
      bell.clear()
      // Nobody holds the outbox any more.
      guard let (jobs, stop) = take() else { break }
      var settled: [UInt8] = []
      var waiting: [Promise<Void>] = []
      for job in jobs {
        switch job {
        case .keep(let events, let first, let promise):
          if let refusal = writer.keep(events, first: first, now: clock.now) {
            promise.fail(BusError(.outbox, "the outbox file did not take events: \(refusal)"))
          } else {
            waiting.append(promise)
          }
        case .settle(let numbers):
          OutboxFormat.settle(numbers, into: &settled)
          writer.settle(numbers)
        }
      }
      writer.tell(settled)
      if !waiting.isEmpty {
        let failure = writer.sync()
        for promise in waiting {
          if let failure {
            promise.fail(BusError(.outbox, "the outbox file did not take events: \(failure)"))
          } else {
            promise.fulfill(())
          }
        }
      }
      if case .failed(let reason) = writer.shrink(now: clock.now) {
        tell("the outbox file cannot be written anew without what is settled: \(reason)")
      }
      if stop { break }
    }
    writer.finish()
  }

  // MARK: Files

  private static func read(
    _ descriptor: Int32, _ path: String, _ identity: String
  ) throws(BusError) -> OutboxFormat.Contents {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw error(path, "cannot be read: \(reason)") }
    guard info.st_size <= OutboxFormat.mostFileBytes else {
      throw error(
        path,
        "has \(info.st_size) bytes, more than any outbox may (\(OutboxFormat.mostFileBytes)); move it away to start without it"
      )
    }
    guard let bytes = bytes(descriptor, Int(info.st_size)) else { throw error(path, "cannot be read: \(reason)") }
    do throws(OutboxFormat.Fault) {
      return try OutboxFormat.read(bytes, identity: identity)
    } catch {
      switch error {
      case .foreign: throw Self.error(path, "is no outbox of this version")
      case .identity(let other): throw Self.error(path, "is the outbox of \(other), not of \(identity)")
      case .damaged(let offset):
        throw Self.error(
          path, "is damaged at byte \(offset); move it away to start without the events that wait in it")
      case .tooLarge(let bytes): throw Self.error(path, "holds \(bytes) bytes")
      }
    }
  }

  /// The file's first bytes; nil where there are fewer, or they cannot be read.
  static func bytes(_ descriptor: Int32, _ size: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = Files.read(descriptor, into: UnsafeMutableRawBufferPointer(buffer), at: 0).count
    }
    return bytes.count == size ? bytes : nil
  }

  /// Returns the errno of what failed, or nil.
  static func write(_ bytes: [UInt8], _ descriptor: Int32, at offset: Int) -> Int32? {
    bytes.withUnsafeBytes { Files.write($0, to: descriptor, at: offset) }
  }

  static var reason: String { SystemError.message(errno) }

  private static func must(_ path: String, _ failure: Int32?) throws(BusError) {
    if let failure { throw error(path, "cannot be written: \(SystemError.message(failure))") }
  }

  private static func error(_ path: String, _ text: String) -> BusError {
    BusError(.configuration, "the outbox \(path) \(text)")
  }
}

/// Lets the thread find the outbox, which does not exist yet when the thread is made, and does not keep it alive.
private final class OutboxPlace: Sendable {
  struct Weak {
    weak var value: OutboxFile?
  }
  let file = Mutex(Weak())
}
