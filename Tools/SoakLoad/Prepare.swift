import ArgumentParser
import CasusJournal
import CasusWire
import FoundationEssentials
import ZeroMQ

/// Makes a broker's folder: keys, registry, configuration.
struct Prepare: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Make keys, registry and configuration in a folder.")

  @Argument var folder: String
  @Option var publishers = 4
  @Option var consumers = 2
  @Option(help: "A further line of casusd.yaml.") var setting: [String] = []

  func run() throws {
    for name in ["", "keys", "registry", "notes"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    let broker = try key("broker")
    try Data(broker.z85.utf8).write(to: URL(fileURLWithPath: "\(folder)/broker.pub"))
    var lines = ["agency: jp.soak", "nation: JP", "plugins:"]
    func add(_ name: String, roles: String, publish: String) throws {
      lines.append(
        "  - {name: \(name), key: '\(try key(name).z85)', roles: [\(roles)], publish: [\(publish)], subscribe: ['>'], clearance: RED}"
      )
    }
    for number in 1...publishers { try add("p\(number)", roles: "exercise", publish: "casus.detection.v1, jp.soak.>") }
    for number in 1...max(1, consumers) { try add("c\(number)", roles: "", publish: "") }
    try add("op", roles: "operator", publish: "")
    try write(lines, "registry/jp.soak.yaml")
    try write(
      [
        "name: soak", "listen: [\"ipc://\(folder)/bus\"]", "key: keys/broker.key", "registry: registry",
        "journal: journal", "ready: ready.json", "exercise: true",
      ] + setting, "casusd.yaml")
    try FileJournal.make("\(folder)/journal")
  }

  private func key(_ name: String) throws -> CurvePublicKey {
    let keys = try CurveKeyPair.generate()
    try KeyFile(comment: "casus key \(name)", keys: keys).write("\(folder)/keys/\(name).key", replacing: true)
    return keys.publicKey
  }

  private func write(_ lines: [String], _ name: String) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }
}
