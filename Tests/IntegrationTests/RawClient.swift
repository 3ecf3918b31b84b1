import CasusEvents
import CasusWire
import Foundation
import ZeroMQ

/// A client made of raw frames, so that the SDK's mistakes cannot hide the broker's.
final class RawClient {
  struct Event: Equatable {
    var sequence: UInt64
    var recorded: Timestamp
    var sender: String
    var flags: StampFlags
    var bytes: [UInt8]
    var id: String { RawClient.member("id", of: bytes) ?? "" }
  }

  private let socket: Socket
  let name: String
  /// What came and was not asked for yet.
  private var replies: [BrokerReply] = []
  private(set) var events: [Event] = []
  /// The number of the next batch.
  var nextBatch = 1
  private var nextRequest = 90_000
  // A reply may be larger than a command: the fates of many events, a status of many plugins.
  private let decoder = WireDecoder(mostBytes: WireDecoder.mostReplyBytes)

  init(_ endpoint: String, server: CurvePublicKey, keys: CurveKeyPair?, name: String) throws {
    socket = try Socket(.dealer)
    self.name = name
    if let keys { try socket.becomeCurveClient(keys, server: server) }
    try socket.setSendHighWaterMark(0)
    // A connection that the broker refuses for good is given up by libzmq: without a bound a frame would wait for ever.
    try socket.setSendTimeout(.seconds(20))
    try socket.connect(endpoint)
  }

  /// From now on a frame that finds no connection fails at once, with `wouldBlock`.
  func stopWaitingForConnection() throws { try socket.setSendTimeout(.zero) }

  func send(_ frames: [[UInt8]]) throws { try socket.send(frames: frames) }

  func send(_ command: ClientCommand, batch: [UInt8]? = nil) throws {
    try send([command.encoded()] + (batch.map { [$0] } ?? []))
  }

  @discardableResult
  func hello(as identity: String? = nil) throws -> Welcome {
    let deadline = Deadline("a welcome")
    while true {
      try send(.hello(Hello(identity: identity ?? "jp.test/\(name)", program: "raw", version: "1")))
      let welcome: Welcome?? = try answer {
        switch $0 {
        case .welcome(let welcome): .some(welcome)
        case .error(let error) where error.error.code == .busy && error.command == "hello": .some(nil)
        default: nil
        }
      }
      if let welcome = welcome ?? nil { return welcome }
      // It began many sessions just now.
      try deadline.pause(microseconds: 20_000)
    }
  }

  /// The answer to a request, as JSON text.
  func request(_ what: String, _ parameters: [String: String] = [:]) throws -> [UInt8] {
    nextRequest += 1
    let id = nextRequest
    try send(.request(Request(id: id, what: what, parameters: parameters)))
    return try answer(seconds: 5) { if case .reply(let reply) = $0, reply.id == id { reply.result } else { nil } }
  }

  // MARK: Waiting

  /// Waits for a reply of the wanted kind; others are kept. The bound is only so that a fault ends.
  func answer<T>(seconds: Int = 20, _ pick: (BrokerReply) -> T?) throws -> T {
    let deadline = Date().addingTimeInterval(Double(seconds))
    var looked = 0
    while true {
      for place in looked..<replies.count {
        if let value = pick(replies[place]) {
          replies.remove(at: place)
          return value
        }
      }
      looked = replies.count
      guard Date() < deadline else { throw Failure("no answer; waiting are \(replies.prefix(20))") }
      try receive(milliseconds: 100)
    }
  }

  /// A reply that has come already.
  func pick(where isWanted: (BrokerReply) -> Bool) -> BrokerReply? {
    replies.firstIndex(where: isWanted).map { replies.remove(at: $0) }
  }

  func wait(seconds: Int = 20, until condition: (RawClient) -> Bool) throws {
    let deadline = Date().addingTimeInterval(Double(seconds))
    while !condition(self) {
      guard Date() < deadline else { throw Failure("the condition did not come about; \(events.count) events") }
      try receive(milliseconds: 100)
    }
  }

  /// Whether anything comes within the time.
  func receive(milliseconds: Int) throws {
    var poller = Poller()
    poller.add(socket)
    guard try poller.wait(for: .milliseconds(milliseconds)) > 0 else { return }
    let frames = try socket.receiveFrames()
    let reply = try frames[0].withUnsafeBytes { try decoder.brokerReply($0) }
    guard case .deliver(let deliver) = reply else {
      replies.append(reply)
      return
    }
    frames[1].withUnsafeBytes { bytes in
      var reader = DeliverBatchReader(bytes)
      while let record = reader.next() {
        events.append(
          Event(
            sequence: record.sequence, recorded: record.recorded, sender: deliver.senders[record.sender],
            flags: record.flags,
            bytes: Array(record.event)))
      }
    }
  }

  /// Forgets what came and was not asked for.
  func forgetReplies() { replies = [] }

  /// What came and was not asked for.
  func takeReplies() -> [BrokerReply] {
    defer { replies = [] }
    return replies
  }

  func published() throws -> Published { try answer { if case .published(let it) = $0 { it } else { nil } } }
  func error() throws -> ErrorReply { try answer { if case .error(let it) = $0 { it } else { nil } } }

  // MARK: Commands

  @discardableResult
  func publish(_ events: [String], replay: Bool = false) throws -> Published {
    try sendBatch(events, replay: replay)
    return try published()
  }

  /// Sends without waiting for the answer.
  func sendBatch(_ events: [String], replay: Bool = false, descends: Bool = false) throws {
    var frame: [UInt8] = []
    for event in events { PublishBatchWriter.append(Array(event.utf8), to: &frame) }
    defer { nextBatch += 1 }
    try send(.publish(Publish(batch: nextBatch, count: events.count, replay: replay, descends: descends)), batch: frame)
  }

  @discardableResult
  func subscribe(
    _ types: [String], from start: SubscriptionStart = .earliest, name: String? = nil, credit: Int = 100_000,
    number: Int = 1
  ) throws -> Subscribed {
    try send(
      .subscribe(
        Subscribe(
          subscription: number, types: types, name: name, start: start, creditEvents: credit, creditBytes: 1 << 24)))
    return try answer { if case .subscribed(let it) = $0 { it } else { nil } }
  }

  func status() throws -> [String: Any] {
    try send(.request(Request(id: 1, what: "status")))
    let reply: Reply = try answer { if case .reply(let it) = $0 { it } else { nil } }
    return try JSONSerialization.jsonObject(with: Data(reply.result)) as? [String: Any] ?? [:]
  }

  static func member(_ name: String, of bytes: [UInt8]) -> String? {
    (try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])?[name] as? String
  }
}

/// A detection that its schema accepts.
func detection(_ id: String, source: String = "//jp.test/a", tlp: String = "AMBER", exercise: Bool = false) throws
  -> String
{
  let moment = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
  let draft = Draft(
    Detection(
      finding: Finding(uid: id, title: "EXERCISE finding", analytic: Analytic(name: "exercise rule")), severityID: 1,
      firstSeen: moment, lastSeen: moment), id: id,
    time: moment, tlp: TLP(rawValue: tlp) ?? .amber, exercise: exercise)
  return String(decoding: try draft.encoded(source: source), as: UTF8.self)
}
