internal import CasusWire
internal import FoundationEssentials
internal import ZeroMQ

/// A process with the connections of many plugins that do nothing: each has its key, its session and its heartbeats.
final class CrowdWorker {
  private let order: WorkerOrder
  private let line: OrderLine
  private var clients: [IdleClient] = []

  /// Looks at the clients so often, and has pinged all of them after so many looks: within the broker's 5 s.
  private static let look = Duration.milliseconds(250)
  private static let looks = 16
  /// Connects so many at a time, fewer than the broker's backlog.
  private static let wave = 50

  init(_ order: WorkerOrder, _ line: OrderLine) throws {
    self.order = order
    self.line = line
    var names = order.crowd.keys.sorted()
    while !names.isEmpty {
      let wave = try names.prefix(Self.wave).map { name in
        var one = order
        one.identity = name
        one.secretKey = order.crowd[name] ?? ""
        return try IdleClient(connecting: one)
      }
      for client in wave { try client.waitForWelcome() }
      clients += wave
      names.removeFirst(wave.count)
    }
    for client in clients.prefix(order.crowdSubscribers) {
      try client.send(
        .subscribe(
          Subscribe(
            subscription: 1, types: [BenchGrowth.quietType], name: "quiet", creditEvents: 1_024,
            creditBytes: 1 << 20)))
    }
    for client in clients.prefix(order.crowdSubscribers) {
      while true { if case .subscribed = try client.receive() { break } }
    }
  }

  func run() throws {
    try line.say(.ready)
    var poller = Poller()
    poller.add(line.socket)
    var turn = 0
    while true {
      _ = try poller.wait(for: Self.look)
      while let order = try line.order() { if case .stop = order { return } }
      for (place, client) in clients.enumerated() where place % Self.looks == turn { try client.send(.ping(Ping())) }
      turn = (turn + 1) % Self.looks
      for client in clients {
        while let reply = try client.next() {
          if case .bye(let bye) = reply { throw BenchError("an idle plugin was sent away: \(bye.reason)") }
        }
      }
    }
  }
}
