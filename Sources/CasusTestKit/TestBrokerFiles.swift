import CasusEvents
import CasusPlugin
import FoundationEssentials
import Glibc
package import ZeroMQ

/// The folder of a test's broker: `casusd.yaml`, its key, the registry, and a key file for each identity.
package struct TestBrokerFiles: Sendable {
  let folder: String
  let casusd: String
  package let brokerKey: CurvePublicKey

  init(folder: String, casusd: String) throws {
    self.folder = folder
    self.casusd = casusd
    for name in ["keys", "registry", "state"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    brokerKey = try Self.makeKey("\(folder)/broker.key", comment: "casus key broker")
  }

  /// A new key pair in a file of its owner's.
  package static func makeKey(_ path: String, comment: String) throws -> CurvePublicKey {
    let keys = try CurveKeyPair.generate()
    try KeyFile(comment: comment, keys: keys).write(path, replacing: true)
    return keys.publicKey
  }

  func write(_ identities: [TestBroker.Identity], settings: String) throws {
    try register(identities)
    try put(
      """
      name: test
      listen: ["tcp://127.0.0.1:0", "ipc://\(folder)/bus"]
      key: broker.key
      registry: registry
      journal: journal
      ready: ready.json
      \(settings)

      """, "casusd.yaml")
  }

  /// Writes one file an agency; identities without a key get one.
  package func register(_ identities: [TestBroker.Identity]) throws {
    var agencies: [String: [TestBroker.Identity]] = [:]
    for identity in identities {
      let agency = String(identity.name.prefix { $0 != "/" })
      agencies[agency, default: []].append(identity)
    }
    for (agency, members) in agencies {
      var lines = ["agency: \(agency)", "plugins:"]
      for member in members {
        let name = member.name.dropFirst(agency.count + 1)
        let file = path(ofKey: member.name)
        let key =
          FileManager.default.fileExists(atPath: file)
          ? try KeyFile.read(file).keys.publicKey : try Self.makeKey(file, comment: "casus key \(member.name)")
        lines.append(
          "  - {name: \(name), key: '\(key.z85)', roles: \(list(member.roles)), publish: \(list(member.publish)), "
            + "subscribe: \(list(member.subscribe)), clearance: \(member.clearance.rawValue), "
            + "groups: \(list(member.groups))}")
      }
      try put(lines.joined(separator: "\n") + "\n", "registry/\(agency).yaml")
    }
  }

  private func list(_ words: [String]) -> String { "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }

  private func path(ofKey identity: String) -> String {
    "\(folder)/keys/\(identity.replacing("/", with: "_")).key"
  }

  func keyFile(of identity: String) throws -> String {
    let path = path(ofKey: identity)
    guard FileManager.default.fileExists(atPath: path) else {
      throw TestKitError(.unknownIdentity, "\(identity) is none of the identities that the broker was started with")
    }
    return path
  }

  func keys(of identity: String) throws -> CurveKeyPair { try KeyFile.read(keyFile(of: identity)).keys }

  func stateFolder(of identity: String) throws -> String {
    let path = "\(folder)/state/\(identity.replacing("/", with: "_"))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return path
  }

  func writeSettings(_ text: String, of identity: String) throws -> String {
    let name = "state/\(identity.replacing("/", with: "_")).json"
    try put(text, name)
    return "\(folder)/\(name)"
  }

  private func put(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
  }

  /// A broker begins no journal by itself.
  func makeJournal() throws {
    let process = try TestProcess(casusd, ["--config", "casusd.yaml", "--init"], folder: folder)
    guard process.wait() == .init(code: 0) else {
      throw TestKitError(.noBroker, "casusd --init: \(process.printed)")
    }
  }

  func spawn(_ environment: [String: String], printing: Int32?) throws -> TestProcess {
    try TestProcess(
      casusd, ["--config", "casusd.yaml"], folder: folder, environment: environment, printing: printing)
  }

  private struct Ready: Decodable {
    var pid: Int32
    var listen: [String]
  }

  /// Nil until this process has said that it is ready.
  func readyEndpoint(of pid: pid_t) -> String? {
    guard let data = FileManager.default.contents(atPath: "\(folder)/ready.json"),
      let ready = try? readJSON(Ready.self, Array(data)), ready.pid == pid
    else { return nil }
    return ready.listen.first
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
