internal import CasusNames
internal import IJSON

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
    struct Written: Decodable {
      struct Broker: Decodable {
        var endpoint: String
        var key: String
        var pid: Int32
      }
      var pid: Int32
      var state: String
      var broker: Broker
    }
    let text = try HomeFiles.read(home.run)
    guard let file = try? JSONDocument(Array(text.utf8)).decode(Written.self) else {
      throw LaunchError(.configuration, "\(home.run) is not what casus up writes")
    }
    return RunFile(
      pid: file.pid, isReady: file.state == "ready",
      broker: BrokerAddress(endpoint: file.broker.endpoint, key: file.broker.key), brokerPID: file.broker.pid)
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
    try HomeFiles.write(json.text + "\n", to: path)
  }
}
