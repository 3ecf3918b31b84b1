import CasusTestKit
import CasusWire
import Foundation
import Glibc
import Testing
import ZeroMQ

/// A real `casusd` in a temporary folder, with keys for the plugins `jp.test/a`, `jp.test/b` and `jp.test/op`.
final class RealBroker {
  let folder: String
  private(set) var process: RealProcess
  private(set) var endpoint = ""
  private(set) var key: CurvePublicKey

  struct Plugin {
    var roles: [String] = []
    var publish: [String] = ["casus.detection.v1", "casus.effect.v1"]
    var subscribe: [String] = [">"]
    var groups: [String] = []
  }

  private let environment: [String: String]

  init(
    _ plugins: [String: Plugin] = ["a": Plugin(), "b": Plugin()], settings: String = "",
    environment: (_ folder: String) -> [String: String] = { _ in [:] }
  ) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("casus-\(UUID().uuidString)").path
    self.environment = environment(folder)
    for name in ["keys", "registry"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    key = try Self.makeKey("broker", in: folder)
    var plugins = plugins
    plugins["op"] = Plugin(roles: ["operator", "replay", "exercise"], publish: [">"])
    try Self.register(plugins, in: folder)
    try """
    name: test
    listen: ["tcp://127.0.0.1:0", "ipc://\(folder)/bus"]
    key: keys/broker.key
    registry: registry
    journal: journal
    ready: ready.json
    \(settings)
    """.write(toFile: "\(folder)/casusd.yaml", atomically: true, encoding: .utf8)
    let making = try RealProcess("casusd", ["--config", "casusd.yaml", "--init"], folder: folder)
    guard making.wait() == .init(code: 0) else { throw Failure("casusd --init: \(making.printed)") }
    process = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: folder, environment: self.environment)
    try awaitReady()
  }

  deinit {
    checkLedger()
    process.kill(signal: SIGKILL)
    _ = process.wait()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Whatever a test did, the sums have to add up at its end. A broker that a test has ended is not asked.
  private func checkLedger() {
    guard process.exit == nil, let client = try? join("op"),
      let text = try? client.request("ledger"),
      let ledger = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
    else { return }
    if ledger["adds_up"] as? Bool != true {
      Issue.record("the ledger does not add up: \(String(decoding: text, as: UTF8.self))")
    }
  }

  static func makeKey(_ name: String, in folder: String) throws -> CurvePublicKey {
    let keys = try CurveKeyPair.generate()
    try KeyFile(comment: "casus key \(name)", keys: keys).write("\(folder)/keys/\(name).key", replacing: true)
    return keys.publicKey
  }

  /// Writes the registry; plugins without a key file get one.
  static func register(_ plugins: [String: Plugin], in folder: String) throws {
    var lines = ["agency: jp.test", "nation: JP", "plugins:"]
    for (name, plugin) in plugins.sorted(by: { $0.key < $1.key }) {
      let path = "\(folder)/keys/\(name).key"
      let key =
        FileManager.default.fileExists(atPath: path)
        ? try KeyFile.read(path).keys.publicKey : try makeKey(name, in: folder)
      func list(_ words: [String]) -> String { "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
      lines.append(
        "  - {name: \(name), key: '\(key.z85)', roles: \(list(plugin.roles)), publish: \(list(plugin.publish)), "
          + "subscribe: \(list(plugin.subscribe)), groups: \(list(plugin.groups)), clearance: RED}")
    }
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: "\(folder)/registry/jp.test.yaml", atomically: true, encoding: .utf8)
  }

  private func awaitReady() throws {
    let deadline = Deadline("casusd to be ready")
    while true {
      if let data = FileManager.default.contents(atPath: "\(folder)/ready.json"),
        let ready = try JSONSerialization.jsonObject(with: data) as? [String: Any],
        ready["pid"] as? Int == Int(process.pid), let listen = ready["listen"] as? [String]
      {
        endpoint = listen[0]
        return
      }
      if let exit = process.exit { throw Failure("casusd ended with \(exit): \(process.printed)") }
      try deadline.pause(microseconds: 5_000)
    }
  }

  /// kill -9, and a new process on the same folder.
  func crashAndRestart() throws {
    process.kill(signal: SIGKILL)
    _ = process.wait()
    try restart()
  }

  func restart(printing: Int32? = nil) throws {
    process = try RealProcess(
      "casusd", ["--config", "casusd.yaml"], folder: folder, environment: environment, printing: printing)
    try awaitReady()
  }

  func client(_ name: String) throws -> RawClient {
    try RawClient(endpoint, server: key, keys: try KeyFile.read("\(folder)/keys/\(name).key").keys, name: name)
  }

  /// A client that has been welcomed.
  func join(_ name: String) throws -> RawClient {
    let client = try client(name)
    try client.hello()
    return client
  }

  /// Runs the command `casus` as the plugin `jp.test/op` (or another), to its end; both its outputs in one text.
  func casus(_ arguments: String..., as name: String = "op") throws -> (code: Int32?, text: String) {
    let home = "\(folder)/home"
    try FileManager.default.createDirectory(atPath: "\(home)/keys/jp.test", withIntermediateDirectories: true)
    let key = "\(home)/keys/jp.test/\(name).key"
    if !FileManager.default.fileExists(atPath: key) {
      try FileManager.default.copyItem(atPath: "\(folder)/keys/\(name).key", toPath: key)
    }
    try """
    {"pid":\(process.pid),"state":"ready","broker":{"endpoint":"\(endpoint)","key":"\(self.key.z85)","pid":\(process.pid)}}
    """.write(toFile: "\(home)/run.json", atomically: true, encoding: .utf8)
    let offline = ["check"].contains(arguments.dropFirst().first)
    let command = try RealProcess(
      "casus", arguments + (offline ? [] : ["--as", "jp.test/\(name)"]), folder: folder,
      environment: ["CASUS_HOME": home])
    let ended = command.wait()
    return (ended.code, command.printed)
  }
}
