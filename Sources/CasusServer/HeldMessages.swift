internal import CasusCore
internal import CasusWire
internal import DequeModule
internal import SystemFiles
internal import ZeroMQ

/// A message that waits, as it was received.
final class HeldMessage {
  let control: Message
  let batch: Message
  let frames: Int
  /// On the wire.
  let bytes: Int

  /// What it takes of its peer's window, as both ends count it, and more where its control frame is none of a `publish`; 0 for one
  /// without a batch, which the window does not bound.
  var windowCost: Int {
    isCommand ? 0 : Publish.windowCost(batch.count) + max(0, control.count + Self.memory - Publish.overhead)
  }
  var isCommand: Bool { frames == 1 }

  /// What a message takes of memory beside its bytes, about.
  static let memory = 256

  /// Takes the frames; what is left in their places can be received into.
  init(_ control: inout Message, _ batch: inout Message, frames: Int, bytes: Int) {
    var first = Message()
    var second = Message()
    swap(&first, &control)
    swap(&second, &batch)
    self.control = first
    self.batch = second
    self.frames = frames
    self.bytes = bytes
  }
}

/// Messages of peers that have sent a batch which takes longer than a turn, and what came behind it: a peer's messages keep their
/// order, and of all such peers each has one part of one message in a turn of the loop.
///
/// Holds of a peer what an honest one may have under way, and no more (PROTOCOL.md, section 7, rule 2): batches of `mostBytes` as the
/// window counts them, and of messages without a batch as many as `add` is told, of `mostBytes` together. Belongs to the loop's thread.
struct HeldMessages {
  private struct Queue {
    var messages: Deque<HeldMessage> = []
    /// Whether the first one is judged in part.
    var hasBegun = false
    /// Of the batches, as the window counts them.
    var windowUsed = 0
    /// The others.
    var commands = 0
    var commandBytes = 0
    /// Of all, on the wire.
    var bytes = 0

    mutating func append(_ message: HeldMessage) {
      messages.append(message)
      count(message, 1)
    }

    mutating func removeFirst() { count(messages.removeFirst(), -1) }

    private mutating func count(_ message: HeldMessage, _ sign: Int) {
      windowUsed += sign * message.windowCost
      bytes += sign * message.bytes
      guard message.isCommand else { return }
      commands += sign
      commandBytes += sign * message.bytes
    }
  }

  private let mostBytes: Int
  private var queues: [PeerID: Queue] = [:]
  private var turns: Deque<PeerID> = []

  init(mostBytes: Int) { self.mostBytes = mostBytes }

  var isHolding: Bool { !turns.isEmpty }

  func isHeld(_ peer: PeerID) -> Bool { !queues.isEmpty && queues[peer] != nil }

  /// A message of which the first part is done.
  mutating func begin(_ peer: PeerID, _ message: HeldMessage) {
    var queue = Queue()
    queue.append(message)
    queue.hasBegun = true
    queues[peer] = queue
    turns.append(peer)
  }

  /// One more behind it; false when that is more than an honest peer sends.
  ///
  /// - Parameter commands: so many messages without a batch may be held of it.
  mutating func add(_ peer: PeerID, _ message: HeldMessage, commands: Int) -> Bool {
    // In place: with a second reference to the queue each message would copy what waits.
    guard let place = queues.index(forKey: peer) else { return false }
    if message.isCommand {
      guard queues.values[place].commands < commands,
        queues.values[place].commandBytes + message.bytes <= mostBytes
      else { return false }
    } else {
      guard queues.values[place].windowUsed + message.windowCost <= mostBytes else { return false }
    }
    queues.values[place].append(message)
    return true
  }

  /// Forgets what is held of a peer; how many bytes on the wire that was.
  mutating func drop(_ peer: PeerID) -> Int {
    turns.removeAll { $0 == peer }
    return queues.removeValue(forKey: peer)?.bytes ?? 0
  }

  /// Whose turn it is, with what, and whether that has begun already.
  mutating func next() -> (peer: PeerID, message: HeldMessage, hasBegun: Bool)? {
    guard let peer = turns.popFirst(), let queue = queues[peer], let message = queue.messages.first else { return nil }
    turns.append(peer)
    return (peer, message, queue.hasBegun)
  }

  /// What `next` gave had its turn.
  mutating func had(_ peer: PeerID, isUnfinished: Bool) {
    guard var queue = queues.removeValue(forKey: peer) else { return }
    queue.hasBegun = isUnfinished
    if !isUnfinished { queue.removeFirst() }
    if queue.messages.isEmpty {
      turns.removeAll { $0 == peer }
    } else {
      queues[peer] = queue
    }
  }
}

extension BrokerLoop {
  /// What is held has its turn: messages, until one takes longer than that or the turn is over.
  mutating func resumeHeld() throws(ZeroMQError) {
    var begun: Int64?
    while let (peer, message, hasBegun) = held.next() {
      let now = clock.now()
      let progress =
        hasBegun
        ? message.batch.withUnsafeBytes { broker.resume($0, of: peer, at: now) } : handOver(message, of: peer, at: now)
      held.had(peer, isUnfinished: progress.isUnfinished)
      if progress.hasBegunCommit { try carryOut() }
      if progress.isUnfinished || mailbox.hasNews { return }
      if let begun, now.steady - begun > Self.turnNanoseconds { return }
      begun = begun ?? now.steady
    }
  }

  private mutating func handOver(_ message: HeldMessage, of peer: PeerID, at now: Moment) -> BrokerProgress {
    message.control.withMetadata("User-Id") { user in
      message.control.withUnsafeBytes { control in
        switch message.frames {
        case 1: return broker.receive(from: peer, user: user, control: control, batch: nil, at: now)
        case 2:
          return message.batch.withUnsafeBytes {
            broker.receive(from: peer, user: user, control: control, batch: $0, at: now)
          }
        default:
          broker.receiveMalformed(from: peer, user: user, frames: message.frames, bytes: message.bytes, at: now)
          return .nothing
        }
      }
    }
  }

  /// A message of a peer that has its turn with an earlier one.
  mutating func hold(_ peer: PeerID, _ frames: Int, _ bytes: Int) {
    let message = HeldMessage(&control, &batch, frames: frames, bytes: bytes)
    guard !held.add(peer, message, commands: broker.mostCommands(of: peer)) else { return }
    let all = held.drop(peer) + bytes
    log.warning(
      "cut off a peer: \(all) bytes that it sent wait for their turn, more messages than its window has room for")
    broker.receiveEndless(from: peer, bytes: all, at: clock.now())
    connections.end(peer, after: 1)
  }
}
