import CasusWire
import Logging
import SystemFiles
import ZeroMQ

/// The thread that owns the DEALER socket: it carries out what the `Session` says and waits in `zmq_poll` on the socket, its
/// monitor and the mailbox. Nothing here runs in Swift's cooperative pool.
///
/// A connection is tried once per socket: libzmq's own reconnecting would keep a refused socket silent for ever and hide the
/// end of a session, so each attempt gets a new socket and each loss is seen.
final class Link: Sendable {
  let mailbox: Mailbox<LinkMail>
  /// Given with the first welcome.
  let connected = Promise<Welcome>()
  /// Given when the thread has ended: why, unless it was asked to.
  let ended = Promise<BusError?>()

  private init(_ mailbox: Mailbox<LinkMail>) { self.mailbox = mailbox }

  /// Starts the thread. It ends by a `close` command or when the connection is given up.
  static func start(_ connection: Connection, room: OutboxRoom, logger: Logger) throws(SystemError) -> Link {
    let link = Link(try Mailbox(LinkMail()))
    _ = try OwnedThread(name: "casus-link") {
      let loop = LinkLoop(link, connection, room, logger)
      loop.run()
      link.ended.fulfill(loop.failure)
    }
    return link
  }
}

/// What the thread works with; it never leaves the thread.
private final class LinkLoop {
  private final class Wire {
    let socket: Socket
    let monitor: MonitorReader

    init(_ socket: consuming Socket, _ monitor: consuming MonitorReader) {
      self.socket = socket
      self.monitor = monitor
    }
  }

  private let link: Link
  private let logger: Logger
  private let clock = ContinuousClock()
  private var session: Session
  private var wire: Wire?
  private var isBlocked = false
  private var lastFlush: ContinuousClock.Instant
  private var attempts = 0
  private(set) var failure: BusError?
  // A reply may be larger than a command: the schemas, a status of many plugins.
  private let decoder = WireDecoder(mostBytes: WireDecoder.mostReplyBytes)

  init(_ link: Link, _ connection: Connection, _ room: OutboxRoom, _ logger: Logger) {
    self.link = link
    self.logger = logger
    let now = clock.now
    session = Session(connection, room: room, now: now)
    lastFlush = now
  }

  func run() {
    var poller = Poller()
    var isPolled = false
    while true {
      let now = clock.now
      if case .waiting(let until) = session.phase, until <= now { session.begin(now: now) }
      session.tick(now: now, random: .random(in: 0...1))
      var next = takeMail(now: now)
      tell()
      if session.isOver { break }
      if session.wantsConnection != (wire != nil) {
        disconnect()
        if session.wantsConnection { connect(now: now) }
        isPolled = false
      }
      sendFrames(now: now)
      if !isPolled {
        poller.removeAll()
        poller.add(fileDescriptor: link.mailbox.bell.fileDescriptor)
        if let wire {
          poller.add(wire.socket)
          poller.add(wire.monitor.socket)
        }
        isPolled = true
      }
      if wire != nil { poller.setInterest(isBlocked ? [.readable, .writable] : .readable, at: 1) }
      if let deadline = session.nextDeadline(now: now) { next = min(next ?? deadline, deadline) }
      do throws(ZeroMQError) {
        // A deadline within a millisecond must not become a wait of zero again and again.
        _ = try poller.wait(for: next.map { max(.milliseconds(1), $0 - clock.now + .microseconds(999)) })
      } catch {
        session.finish(BusError(.unreachable, "waiting for the broker failed: \(error)"))
      }
      readMonitor()
      readFrames()
    }
    disconnect(lingering: .milliseconds(500))
  }

  /// Takes commands and flushes streams; returns when to come back for what is not urgent.
  private func takeMail(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    let pause = Duration.milliseconds(2)
    let mail = link.mailbox.take { $0.isUrgent || $0.isDirty && lastFlush + pause <= now }
    for command in mail.commands {
      switch command {
      case .publish(let events, let replay, let group, let index):
        session.publish(events, replay: replay, group: group, from: index)
      case .subscribe(let stream): session.subscribe(stream, now: now)
      case .unsubscribe(let number, let forget, let promise):
        session.unsubscribe(number, forget: forget, promise, now: now)
      case .request(let request, let promise): session.request(request, promise, now: now)
      case .health(let ping): session.setHealth(ping)
      case .close(let within, let reason): session.beginClosing(deadline: now + within, reason: reason, now: now)
      }
    }
    if !mail.commands.isEmpty { session.tick(now: now, random: .random(in: 0...1)) }
    if mail.flush {
      lastFlush = now
      session.flushStreams(now: now)
    }
    return mail.isDirty ? lastFlush + pause : nil
  }

  // MARK: The socket

  private func connect(now: ContinuousClock.Instant) {
    let connection = session.connection
    do throws(ZeroMQError) {
      let socket = try Socket(.dealer)
      if connection.isEncrypted {
        try socket.becomeCurveClient(connection.keys, server: connection.brokerKey)
      } else {
        try socket.becomePlainClient(name: connection.keys.publicKey.z85)
      }
      try socket.setReconnectInterval(nil)
      try socket.setConnectTimeout(.seconds(5))
      try socket.setHandshakeInterval(.seconds(5))
      try socket.setHeartbeat(interval: .seconds(2), timeout: .seconds(6), timeToLive: .seconds(6))
      try socket.setTCPKeepAlive(idle: 30, interval: 10, count: 3)
      try socket.setMaxMessageSize(Int64(WireDecoder.mostReplyBytes))
      let monitor = try MonitorReader(
        socket,
        [
          .disconnected, .closed, .handshakeFailedAuth, .handshakeFailedProtocol, .handshakeFailedNoDetail,
        ])
      try socket.connect(connection.endpoint, attempt: attempts)
      wire = Wire(socket, monitor)
      isBlocked = false
    } catch {
      session.lose("\(error)", now: now, random: .random(in: 0...1))
    }
  }

  private func disconnect(lingering: Duration? = nil) {
    guard let wire else { return }
    wire.monitor.stop(wire.socket)
    if let lingering { try? wire.socket.setLinger(lingering) }
    self.wire = nil
  }

  private func sendFrames(now: ContinuousClock.Instant) {
    guard let wire else { return }
    do throws(ZeroMQError) {
      isBlocked = false
      while let frame = session.outgoing.first {
        guard try wire.socket.trySend(frame.control, more: !frame.batch.isEmpty) == .sent else {
          isBlocked = true
          return
        }
        if !frame.batch.isEmpty {
          var message = try Self.message(frame)
          _ = try wire.socket.trySend(&message)
        }
        session.outgoing.removeFirst()
      }
    } catch {
      session.lose("sending failed: \(error)", now: now, random: .random(in: 0...1))
    }
  }

  private static func message(_ frame: Session.Frame) throws(ZeroMQError) -> Message {
    var message = try Message(size: frame.batchBytes)
    message.withUnsafeMutableBytes { frame.copyBatch(to: $0) }
    return message
  }

  private func readMonitor() {
    guard let wire else { return }
    while let event = try? wire.monitor.tryNext() {
      let refused = event.kind == .handshakeFailedAuth
      guard let reason = Self.reason(event) else { continue }
      session.lose(reason, refused: refused, now: clock.now, random: .random(in: 0...1))
      return
    }
  }

  private static func reason(_ event: MonitorEvent) -> String? {
    switch event.kind {
    case .handshakeFailedAuth: "the broker refused this plugin's key (status \(event.value))"
    case .handshakeFailedProtocol:
      "the handshake failed (0x\(String(event.value, radix: 16))): is CASUS_BROKER_KEY that broker's key?"
    case .handshakeFailedNoDetail:
      "the broker broke off the handshake: is CASUS_BROKER_KEY that broker's key? It also does so with a plugin that it has "
        + "cut off for a while"
    case .disconnected: "the connection was lost"
    case .closed: "no connection could be made"
    default: nil
    }
  }

  // MARK: Frames

  private func readFrames() {
    var control = Message()
    var batch = Message()
    do throws(ZeroMQError) {
      // In pieces, so that what is to be sent does not wait for all that is to be read.
      for _ in 0..<64 {
        guard let wire, session.wantsConnection, try wire.socket.tryReceive(into: &control) else { return }
        var frames = 1
        if control.more {
          try wire.socket.receive(into: &batch)
          frames = 2
          while batch.more {
            try wire.socket.receive(into: &batch)
            frames += 1
          }
        }
        try read(control: &control, batch: &batch, frames: frames)
      }
    } catch {
      session.lose("receiving failed: \(error)", now: clock.now, random: .random(in: 0...1))
    }
  }

  private func read(control: inout Message, batch: inout Message, frames: Int) throws(ZeroMQError) {
    let now = clock.now
    do throws(WireError) {
      guard frames <= 2 else { throw WireError(.malformedFrames, "a message of \(frames) frames") }
      let reply = try control.withUnsafeBytes { (bytes) throws(WireError) in try decoder.brokerReply(bytes) }
      var delivered: DeliveredBatch?
      if case .deliver(let deliver) = reply, frames == 2 {
        var body = Message()
        swap(&body, &batch)
        delivered = try DeliveredBatch(body, deliver)
      }
      try session.receive(reply, batch: delivered, now: now, random: .random(in: 0...1))
    } catch {
      if error.code == .unknownCommand {
        // A later broker may say more than this program knows.
        logger.debug("passed over what the broker said", metadata: ["reason": "\(error.message)"])
        return
      }
      session.lose("the broker sent what is no Casus: \(error.message)", now: now, random: .random(in: 0...1))
    }
  }

  // MARK: Words

  private func tell() {
    for notice in session.notices {
      switch notice {
      case .connected(let welcome, let again):
        attempts = 0
        link.connected.fulfill(welcome)
        logger.info(
          again ? "connected again" : "connected",
          metadata: ["broker": "\(welcome.broker)", "last": "\(welcome.last)"])
      case .lost(let reason):
        logger.warning("connection lost; connecting again", metadata: ["reason": "\(reason)"])
      case .attemptFailed(let reason):
        attempts += 1
        // The first attempts fail as a rule when both sides start together.
        let isNews = attempts == 5 || attempts % 50 == 0
        logger.log(
          level: isNews ? .warning : .debug, "broker not reached yet",
          metadata: [
            "endpoint": "\(session.connection.endpoint)", "attempts": "\(attempts)", "reason": "\(reason)",
          ])
      case .refusedCommand(let text): logger.warning("refused by the broker", metadata: ["reason": "\(text)"])
      case .over(let error):
        failure = error
        link.connected.fail(error ?? BusError(.closed, "the bus was closed"))
        if let error { logger.error("the connection to the bus has ended", metadata: ["reason": "\(error)"]) }
      }
    }
    session.notices = []
  }
}
