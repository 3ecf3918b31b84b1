internal import CasusNames
internal import IJSON
internal import YAML

/// `run.json` in a home: where the broker of a running `casus up` is.
public struct RunFile: Hashable, Sendable {
  /// Of `casus up`.
  public var pid: Int32
  /// Whether every process was ready once.
  public var isReady: Bool
  public var broker: BrokerAddress
  public var brokerPID: Int32

  /// - Throws: `LaunchError.noInput` when there is none.
  public static func read(_ home: Home) throws(LaunchError) -> RunFile {
    let text = try HomeFiles.read(home.run)
    guard let node = try? YAMLNode.parse(text), let broker = node["broker"],
      let endpoint = broker["endpoint"]?.string, let key = broker["key"]?.string
    else { throw LaunchError(.configuration, "\(home.run) is not what casus up writes") }
    return RunFile(
      pid: Int32(truncatingIfNeeded: node["pid"]?.int ?? 0), isReady: node["state"]?.string == "ready",
      broker: BrokerAddress(endpoint: endpoint, key: key),
      brokerPID: Int32(truncatingIfNeeded: broker["pid"]?.int ?? 0))
  }

  func write(to path: String) throws(LaunchError) {
    var json = JSONWriter()
    json.object { json in
      json.int("pid", pid)
      json.string("state", isReady ? "ready" : "starting")
      json.object("broker") { json in
        json.string("endpoint", broker.endpoint)
        json.string("key", broker.key)
        json.int("pid", brokerPID)
      }
    }
    try HomeFiles.write(String(decoding: json.bytes, as: UTF8.self) + "\n", to: path)
  }
}
