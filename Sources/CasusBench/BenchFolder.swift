internal import FoundationEssentials
internal import ZeroMQ

/// A broker's folder for one measurement: keys, registry, configuration. Removed with the value.
final class BenchFolder {
  let path: String
  let brokerKey: CurvePublicKey
  private(set) var keys: [String: CurveKeyPair] = [:]

  /// - Parameter parent: the disk that is measured; a folder in memory for `sync: memory`.
  init(_ plan: BenchPlan, in parent: String, settings: [String]) throws {
    path = "\(parent)/casus-bench-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: "\(path)/registry", withIntermediateDirectories: true)
    let broker = try CurveKeyPair.generate()
    brokerKey = broker.publicKey
    try KeyFile(comment: "casus key bench broker", keys: broker).write("\(path)/broker.key")
    var lines = ["agency: bench", "plugins:"]
    let names = (1...plan.publishers).map { "p\($0)" } + (0..<plan.subscribers).map { "s\($0 + 1)" }
    for name in names {
      let pair = try CurveKeyPair.generate()
      keys["bench/\(name)"] = pair
      lines.append(
        "  - {name: \(name), key: '\(pair.publicKey.z85)', roles: [], publish: ['bench.>'], subscribe: ['bench.>']}")
    }
    try write(lines, "registry/bench.yaml")
    let listen = plan.transport == .tcp ? "tcp://127.0.0.1:0" : "ipc://\(path)/bus"
    try write(
      [
        "name: bench", "listen: ['\(listen)']", "key: broker.key", "registry: registry", "journal: journal",
        "ready: ready.json", "sync: \(plan.sync == .disk ? "disk" : "os")", "unsafe_plain: \(!plan.curve)",
      ] + settings, "casusd.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private func write(_ lines: [String], _ name: String) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Where the broker listens, once it does.
  func endpoint() -> String? {
    struct Ready: Decodable { var listen: [String] }
    guard let data = FileManager.default.contents(atPath: "\(path)/ready.json") else { return nil }
    return (try? JSONDecoder().decode(Ready.self, from: data))?.listen.first
  }

  var orders: String { "ipc://\(path)/orders" }
}
