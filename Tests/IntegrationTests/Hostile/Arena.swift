import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import Testing
import ZeroMQ

/// What a hostile act led to, as the hostile side saw it.
enum Outcome: Equatable, CustomStringConvertible {
  /// The TCP connection was closed by the broker.
  case hungUp
  /// ZAP refused the key.
  case keyRefused
  /// The handshake ended without a session of ZMTP.
  case handshakeFailed
  /// An established connection was closed by the broker.
  case cutOff
  /// Refused with these errors, in this order.
  case refused([WireErrorCode])
  /// Nothing came back, nothing was closed.
  case unheard
  /// It was served like anything else.
  case served

  var description: String {
    switch self {
    case .hungUp: "hung up"
    case .keyRefused: "key refused"
    case .handshakeFailed: "handshake failed"
    case .cutOff: "cut off"
    case .refused(let codes): "refused: " + codes.map(\.name).joined(separator: ", ")
    case .unheard: "unheard"
    case .served: "served"
    }
  }
}

/// One hostile act, and what must come of it. After each, whatever it was, the honest pair is served as before.
struct HostileRow: Sendable {
  var name: String
  var expected: Outcome
  /// Good events of the hostile plugin itself that the act publishes.
  var kept = 0
  var act: @Sendable (Arena) throws -> Outcome

  init(
    _ name: String, _ expected: Outcome, kept: Int = 0, act: @escaping @Sendable (Arena) throws -> Outcome
  ) {
    self.name = name
    self.expected = expected
    self.kept = kept
    self.act = act
  }
}

/// A real broker with an honest publisher (`a`) and an honest subscriber to everything (`b`), and the means of `evil`, who
/// holds a registered key and may publish and read detections. All the acts together are worth a cut-off, so its budget for
/// what is asked in vain is larger than usual.
final class Arena {
  /// The broker's memory at its worst, in KiB: what its windows and queues may hold, and the program itself.
  static let mostMemory = 256 << 10

  let broker: RealBroker
  let evilKeys: CurveKeyPair
  private let publisher: RawClient
  private let subscriber: RawClient
  var schemas: BusSchemas
  private var rounds = 0
  private var seen = 0
  private var joined: RawClient?

  init() throws {
    schemas = try BusSchemas()
    broker = try RealBroker(
      [
        "a": .init(), "b": .init(), "evil": .init(publish: ["casus.detection.v1"], subscribe: ["casus.detection.v1"]),
      ], settings: "limits: {window_bytes: 1048576, subscriptions: 8, faults_at_once: 1000000}")
    evilKeys = try KeyFile.read("\(broker.folder)/keys/evil.key").keys
    publisher = try broker.join("a")
    subscriber = try broker.join("b")
    try subscriber.subscribe([">"], from: .latest)
    try serveHonestOnes()
    seen = subscriber.events.count
  }

  /// A session of the hostile plugin; a new one after `dropEvil`.
  func evil() throws -> RawClient {
    if let joined { return joined }
    let client = try broker.join("evil")
    joined = client
    return client
  }

  func dropEvil() { joined = nil }

  /// A connection with the hostile plugin's key that has not said hello, and whose monitor tells.
  func visitor(
    kind: SocketKind = .dealer, prepare: (borrowing Socket) throws -> Void = { _ in }
  ) throws -> Visitor {
    try Visitor(broker.endpoint, kind: kind, keys: evilKeys, server: broker.key, prepare: prepare)
  }

  /// The honest pair's round trip: accepted, on disk, delivered.
  func serveHonestOnes() throws {
    rounds += 1
    let id = "honest-\(rounds)"
    let published = try publisher.publish([detection(id)])
    guard published.accepted == 1 else { throw Failure("the honest event was not accepted: \(published)") }
    try subscriber.wait { $0.events.last { $0.sender == "jp.test/a" }?.id == id }
    try publisher.send(.ping(Ping()))
    try subscriber.send(.ping(Ping()))
    for client in [publisher, subscriber] {
      let _: Pong = try client.answer { if case .pong(let it) = $0 { it } else { nil } }
    }
  }

  /// What the journal took since the last look, without the honest events: the hostile ones, and the broker's own.
  func takeNews() -> (hostile: [RawClient.Event], bus: [RawClient.Event]) {
    let news = subscriber.events[seen...]
    seen = subscriber.events.count
    return (
      news.filter { $0.sender != "jp.test/a" && $0.sender != "casus/broker" },
      news.filter { $0.sender == "casus/broker" }
    )
  }

  /// A line of /proc/PID/status, in KiB: `VmRSS`, or `VmHWM` for the most so far.
  func memory(_ line: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(broker.process.pid)/status", encoding: .utf8)) ?? ""
    let words = text.split(separator: "\n").first { $0.hasPrefix(line) }?.split(separator: " ")
    return words.flatMap { $0.count > 1 ? Int($0[$0.count - 2]) : nil } ?? -1
  }

  /// Sends frames and waits for the errors, one for each message.
  func refusals(_ messages: [[[UInt8]]]) throws -> Outcome {
    let client = try evil()
    var codes: [WireErrorCode] = []
    for frames in messages {
      try client.send(frames)
      codes.append(try client.error().error.code)
    }
    return .refused(codes)
  }
}
