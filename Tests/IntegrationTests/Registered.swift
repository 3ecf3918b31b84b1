import CasusTestKit
import Foundation
import ZeroMQ

/// A registry written by hand: several agencies, clearances, and keys that come and go.
struct Registered {
  struct Plugin {
    var roles: [String] = []
    var publish: [String] = []
    var subscribe: [String] = []
    var clearance = "RED"
  }

  /// By agency, then by name.
  var agencies: [String: [String: Plugin]]

  /// Writes one file an agency; plugins without a key file get one, named `PLUGIN.key` (names differ between agencies).
  func write(to folder: String) throws {
    for (agency, plugins) in agencies {
      var lines = ["agency: \(agency)", plugins.isEmpty ? "plugins: []" : "plugins:"]
      for (name, plugin) in plugins.sorted(by: { $0.key < $1.key }) {
        let path = "\(folder)/keys/\(name).key"
        let key =
          FileManager.default.fileExists(atPath: path)
          ? try KeyFile.read(path).keys.publicKey : try RealBroker.makeKey(name, in: folder)
        func list(_ words: [String]) -> String { "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        lines.append(
          "  - {name: \(name), key: '\(key.z85)', roles: \(list(plugin.roles)), publish: \(list(plugin.publish)), "
            + "subscribe: \(list(plugin.subscribe)), clearance: \(plugin.clearance)}")
      }
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: "\(folder)/registry/\(agency).yaml", atomically: true, encoding: .utf8)
    }
  }
}

extension RealBroker {
  /// Puts a registry in the place of the one that it has, and waits until the broker has read it.
  func adopt(_ registry: Registered) throws {
    func count() -> Int { process.printed.components(separatedBy: "the registry was read anew").count }
    let before = count()
    var registry = registry
    // Whoever checks the books at the end needs it.
    registry.agencies["jp.test", default: [:]]["op"] = .init(roles: ["operator"], subscribe: [">"])
    try registry.write(to: folder)
    try awaitCondition("the registry to be read") { count() != before }
  }
}
