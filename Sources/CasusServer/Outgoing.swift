internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusWire
internal import DequeModule
internal import IJSON
internal import ZeroMQ

/// The sending half of the ROUTER: never waits, keeps what a full pipe does not take, and notices who is gone.
///
/// Used by the loop's thread only. A peer whose pipe is full is told of (`takeHeldUp`), so that nothing more is delivered to
/// it until it has taken what is here; a peer for whom more piles up all the same is given up. So a peer that does not read
/// costs at most the pipe (`ServerSocket`) and `mostKept`.
struct Outgoing: ~Copyable {
  private struct Frames {
    var control: [UInt8]
    var batch: [UInt8]?
  }

  /// Bytes kept for one peer before it is given up: what all its subscriptions may be sent before it is known to be held up, each a
  /// turn's bytes and the message that passes them, and replies.
  static func mostKept(_ options: BrokerOptions) -> Int {
    (16 << 20) + options.limits.subscriptions * (options.turnBytes + options.limits.batchBytes)
  }

  private let mostKept: Int

  private var kept: [PeerID: (frames: Deque<Frames>, bytes: Int)] = [:]
  private var gone: [PeerID] = []
  private var heldUp: [PeerID] = []
  private var freed: [PeerID] = []
  private var givenUp: [PeerID] = []
  private var bodies = SharedBodies()
  /// Used again for each frame.
  private var writer = JSONWriter(capacity: 1024)
  private var senders: [UInt16] = []
  private var senderNames: [String] = []

  init(mostKept: Int) { self.mostKept = mostKept }

  /// Peers whose connection is gone, or was given up, since the last call.
  mutating func takeGone() -> [PeerID] { Self.take(&gone) }

  /// Peers whose pipe has become full since the last call.
  mutating func takeHeldUp() -> [PeerID] { Self.take(&heldUp) }

  /// Peers that have taken everything since the last call.
  mutating func takeFreed() -> [PeerID] { Self.take(&freed) }

  /// Peers that did not read what was kept for them.
  mutating func takeGivenUp() -> [PeerID] { Self.take(&givenUp) }

  private static func take(_ peers: inout [PeerID]) -> [PeerID] {
    // As a rule there are none, and then nothing is copied or allocated.
    guard !peers.isEmpty else { return [] }
    defer { peers = [] }
    return peers
  }

  mutating func send(_ reply: BrokerReply, to peer: PeerID, on socket: borrowing Socket) throws(ZeroMQError) {
    beginFrame()
    reply.encode(into: &writer)
    let result = kept[peer] != nil ? .wouldBlock : try Self.address(peer, on: socket)
    switch result {
    case .sent: try socket.send(writer.bytes)
    case .wouldBlock: keep(Frames(control: writer.bytes), for: peer)
    case .unreachable: gone.append(peer)
    }
  }

  /// A fatal error to whoever is no peer: sent once, and not kept when the pipe is full.
  mutating func refuse(
    _ address: inout Message, _ error: WireError, on socket: borrowing Socket
  ) throws(ZeroMQError) {
    guard try socket.trySend(&address, more: true) == .sent else { return }
    beginFrame()
    BrokerReply.error(ErrorReply(error: error, command: nil, number: nil, fatal: true)).encode(into: &writer)
    try socket.send(writer.bytes)
  }

  /// - Parameter isShared: whether other subscriptions may get the same.
  mutating func deliver(
    _ delivery: Delivery<JournalRun>, isShared: Bool, senders: borrowing Names, to peer: PeerID,
    on socket: borrowing Socket
  ) throws(ZeroMQError) {
    let isWaiting = kept[peer] != nil
    let result = isWaiting ? .wouldBlock : try Self.address(peer, on: socket)
    guard result != .unreachable else {
      gone.append(peer)
      return
    }
    let size = encode(delivery, senders)
    if result == .sent {
      try socket.send(writer.bytes, more: true)
      if var body = try bodies.body(of: delivery) {
        try socket.send(&body)
      } else {
        var made = try Message(size: size)
        made.withUnsafeMutableBytes { write(delivery, into: $0) }
        if !isShared {
          try socket.send(&made)
        } else {
          var body = try bodies.share(made, of: delivery)
          try socket.send(&body)
        }
      }
    } else {
      let batch = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        write(delivery, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]))
        count = size
      }
      keep(Frames(control: writer.bytes, batch: batch), for: peer)
    }
  }

  private mutating func beginFrame() {
    // A status of a thousand plugins must not stay in memory.
    if writer.bytes.capacity > 65_536 { writer = JSONWriter(capacity: 1024) }
    writer.removeAll()
  }

  /// The regular look at what is kept for further subscriptions; without any nothing is.
  mutating func clean() { bodies.clean() }

  /// Tries again what did not fit.
  mutating func flush(on socket: borrowing Socket) throws(ZeroMQError) {
    guard !kept.isEmpty else { return }
    for peer in Array(kept.keys) {
      sending: while let frames = kept[peer]?.frames.first {
        switch try Self.address(peer, on: socket) {
        case .wouldBlock: break sending
        case .unreachable:
          gone.append(peer)
          kept[peer] = nil
        case .sent:
          try socket.send(frames.control, more: frames.batch != nil)
          if let batch = frames.batch { try socket.send(batch) }
          kept[peer]?.bytes -= frames.control.count + (frames.batch?.count ?? 0)
          kept[peer]?.frames.removeFirst()
        }
      }
      if kept[peer]?.frames.isEmpty == true {
        kept[peer] = nil
        freed.append(peer)
      }
    }
  }

  var isWaiting: Bool { !kept.isEmpty }

  private mutating func keep(_ frames: Frames, for peer: PeerID) {
    if kept[peer] == nil { heldUp.append(peer) }
    let bytes = frames.control.count + (frames.batch?.count ?? 0)
    guard (kept[peer]?.bytes ?? 0) + bytes <= mostKept else {
      kept[peer] = nil
      gone.append(peer)
      givenUp.append(peer)
      return
    }
    // In place: a copy of all that is kept, for each frame more, would be the peer's way to stop the broker.
    kept[peer, default: ([], 0)].frames.append(frames)
    kept[peer, default: ([], 0)].bytes += bytes
  }

  /// Sends the routing id. Once libzmq has taken it, it takes the rest of the message whatever the pipe's state.
  private static func address(_ peer: PeerID, on socket: borrowing Socket) throws(ZeroMQError) -> SendResult {
    var message = try Message(size: peer.count)
    message.withUnsafeMutableBytes { target in peer.withUnsafeBytes { target.copyMemory(from: $0) } }
    return try socket.trySend(&message, more: true)
  }

  /// Writes the control frame, and gives back the size of the batch frame.
  private mutating func encode(_ delivery: Delivery<JournalRun>, _ names: borrowing Names) -> Int {
    senders.removeAll(keepingCapacity: true)
    senderNames.removeAll(keepingCapacity: true)
    var size = delivery.selected.count * DeliverBatchWriter.header
    var last: UInt16?
    let run = delivery.run
    for index in delivery.selected {
      let sender = run.stamps[Int(index)].sender
      if sender != last {
        if !senders.contains(sender) {
          senders.append(sender)
          senderNames.append(names[sender])
        }
        last = sender
      }
      size += run.size(at: Int(index))
    }
    beginFrame()
    BrokerReply.deliver(
      Deliver(
        subscription: delivery.subscription, count: delivery.selected.count, senders: senderNames,
        through: delivery.through)
    ).encode(into: &writer)
    return size
  }

  /// The records, after `encode`, which found the senders' places.
  private func write(_ delivery: Delivery<JournalRun>, into frame: UnsafeMutableRawBufferPointer) {
    var writer = DeliverBatchWriter(frame)
    var last: (sender: UInt16, place: UInt16)?
    let run = delivery.run
    let start = run.batch.startIndex
    for index in delivery.selected {
      let stamp = run.stamps[Int(index)]
      if last?.sender != stamp.sender {
        last = (stamp.sender, UInt16(senders.firstIndex(of: stamp.sender) ?? 0))
      }
      writer.append(
        sequence: stamp.sequence, recorded: stamp.recorded, sender: last?.place ?? 0,
        flags: delivery.redelivered ? stamp.flags.union(.redelivered) : stamp.flags,
        event: run.batch.event(at: start + Int(index)))
    }
  }
}
