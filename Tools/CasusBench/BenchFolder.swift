internal import CasusEvents
internal import CasusJournal
internal import FoundationEssentials
internal import ZeroMQ

/// A broker's folder for one measurement: keys, registry, configuration. Removed with the value,
/// unless it is to be kept.
final class BenchFolder {
  let path: String
  let brokerKey: CurvePublicKey
  private(set) var keys: [String: CurveKeyPair] = [:]

  private let isKept: Bool

  /// - Parameters:
  ///   - parent: the disk that is measured; a folder in memory for `sync: memory`.
  ///   - home: a folder to use instead, and to keep with its journal; keys and configuration are made anew each time.
  init(_ plan: BenchPlan, in parent: String, home: String?, settings: [String]) throws {
    isKept = home != nil
    path = home ?? "\(parent)/casus-bench-\(UInt64.random(in: 0...UInt64.max))"
    let files = FileManager.default
    try? files.removeItem(atPath: "\(path)/ready.json")
    try? files.removeItem(atPath: "\(path)/broker.key")
    try? files.removeItem(atPath: "\(path)/schemas")
    try files.createDirectory(atPath: "\(path)/registry", withIntermediateDirectories: true)
    let broker = try CurveKeyPair.generate()
    brokerKey = broker.publicKey
    try KeyFile(comment: "casus key bench broker", keys: broker).write("\(path)/broker.key")
    var lines = ["agency: bench", "plugins:"]
    for name in Self.names(plan) {
      let pair = try CurveKeyPair.generate()
      keys["bench/\(name)"] = pair
      lines.append(
        "  - {name: \(name), key: '\(pair.publicKey.z85)', roles: [], publish: ['bench.>'], subscribe: ['bench.>'], clearance: RED}"
      )
    }
    if keys.isEmpty { lines = ["agency: bench", "plugins: []"] }
    try write(lines, "registry/bench.yaml")
    let listen = plan.transport == .tcp ? "tcp://127.0.0.1:0" : "ipc://\(path)/bus"
    var configuration = [
      "name: bench", "listen: ['\(listen)']", "key: broker.key", "registry: registry", "journal: journal",
      "ready: ready.json", "sync: \(plan.sync == .disk ? "disk" : "os")", "unsafe_plain: \(!plan.curve)",
    ]
    if let growth = plan.growth, growth.idle > 0 {
      // What a broker for so many would be given.
      configuration.append("limits: {peers: \(min(65_536, growth.idle + 1_024))}")
    }
    if let schemas = plan.growth?.schemas, schemas > 0 {
      try files.createDirectory(atPath: "\(path)/schemas", withIntermediateDirectories: true)
      for number in 1...schemas {
        let schema = BenchGrowth.schema(number)
        try write([schema.text], "schemas/\(schema.type).schema.json")
      }
      configuration.append("schemas: schemas")
    }
    try write(configuration + settings, "casusd.yaml")
    if !files.fileExists(atPath: "\(path)/journal") { try FileJournal.make("\(path)/journal") }
  }

  private static func names(_ plan: BenchPlan) -> [String] {
    func numbered(_ letter: String, _ count: Int) -> [String] { (0..<count).map { "\(letter)\($0 + 1)" } }
    let growth = plan.growth ?? BenchGrowth()
    return numbered("p", plan.publishers) + numbered("s", plan.subscribers) + numbered("h", growth.historyReaders)
      + numbered("q", growth.seeks > 0 ? 1 : 0) + numbered("i", growth.idle)
  }

  deinit {
    if !isKept { try? FileManager.default.removeItem(atPath: path) }
  }

  private func write(_ lines: [String], _ name: String) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Where the broker listens, once it does.
  func endpoint() -> String? {
    struct Ready: Decodable { var listen: [String] }
    guard let data = FileManager.default.contents(atPath: "\(path)/ready.json") else { return nil }
    return (try? readJSON(Ready.self, Array(data)))?.listen.first
  }

  var orders: String { "ipc://\(path)/orders" }
}
