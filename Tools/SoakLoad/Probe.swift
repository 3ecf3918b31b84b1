import ArgumentParser
import CasusEvents
import CasusPlugin
import CasusWire
import Glibc
import ZeroMQ

/// Publishes one event again and again over bare frames and prints what the broker says to each: milliseconds since 1970, the
/// answer's delay in milliseconds, and `accepted` or the error's name. The SDK would hide that behind its outbox.
struct Probe: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish an event every --pause milliseconds until SIGTERM; print each answer.")

  @Option var pause = 50
  @Option(help: "Bytes added to each event, at most 8,000.") var padding = 4000

  func run() throws {
    Stop.listen()
    let connection = try Connection.fromEnvironment(
      Manifest(program: "soak-load", version: "1.0.0", summary: "Probe", publishes: [.detection], subscribes: []))
    let template = try Template(source: "//\(connection.identity)", padding: padding)
    let socket = try Socket(.dealer)
    try socket.becomeCurveClient(connection.keys, server: connection.brokerKey)
    try socket.connect(connection.endpoint)
    try socket.send(frames: [
      ClientCommand.hello(Hello(identity: connection.identity, program: "probe", version: "1")).encoded()
    ])
    _ = try socket.receiveFrames()
    // Numbers that no publisher of the load has.
    var number: UInt64 = wallClock() / 1_000_000 % 100_000_000_000 + 100_000_000_000
    var batch = 1
    while !Stop.isAsked {
      var frame: [UInt8] = []
      PublishBatchWriter.append(template.event(number), to: &frame)
      let begun = wallClock()
      try socket.send(frames: [ClientCommand.publish(Publish(batch: batch, count: 1)).encoded(), frame])
      let answer = try answer(to: batch, on: socket)
      let now = wallClock()
      say("\(now / 1_000_000) \((now - begun) / 1_000_000) \(answer)\n")
      // What is refused for now has to come again under its number.
      if answer == "accepted" {
        number += 1
        batch += 1
      }
      usleep(UInt32(pause) * 1000)
    }
  }

  private func answer(to batch: Int, on socket: borrowing Socket) throws -> String {
    while true {
      let frames = try socket.receiveFrames()
      switch try frames[0].withUnsafeBytes({ try WireDecoder().brokerReply($0) }) {
      case .published(let published) where published.batch == batch:
        return published.refused.first?.error.code.name ?? "accepted"
      case .error(let error) where error.number == batch: return error.error.code.name
      default: continue
      }
    }
  }

  private func say(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(1, $0.baseAddress, $0.count) } }
}
