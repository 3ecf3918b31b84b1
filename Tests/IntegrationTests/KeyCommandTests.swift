import CasusEvents
import CasusPlugin
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

/// `casus keys register`, `revoke` and `rotate` against a running broker, and key files that others can read.
@Suite(.blocking, .timeLimit(.minutes(15))) struct KeyCommands {
  /// A registry as people write them.
  private func writeByHand(_ broker: RealBroker) throws {
    func key(_ name: String) throws -> String {
      try KeyFile.read("\(broker.folder)/keys/\(name).key").keys.publicKey.z85
    }
    try """
    # EXERCISE registry, kept by hand
    agency: jp.test   # the agency
    nation: JP

    plugins:
      # the first sensor
      - name: a
        key: "\(try key("a"))"   # made in 2026
        publish: [casus.detection.v1]

      # the second
      - {name: b, key: '\(try key("b"))', publish: [casus.detection.v1], subscribe: [">"], clearance: RED}
      - {name: op, key: '\(try key("op"))', roles: [operator], subscribe: [">"], clearance: RED}
    """.write(toFile: "\(broker.folder)/registry/jp.test.yaml", atomically: true, encoding: .utf8)
  }

  private func casus(_ arguments: [String], _ broker: RealBroker) throws -> (code: Int32?, text: String) {
    let process = try RealProcess("casus", arguments, folder: broker.folder)
    let code = process.wait().code
    return (code, process.printed)
  }

  /// One in 85 does; it is not this broker's, which is another matter.
  @Test func `a broker's key may begin with a dash`() throws {
    let broker = try RealBroker()
    var key = try CurveKeyPair.generate().publicKey.z85
    while !key.hasPrefix("-") { key = try CurveKeyPair.generate().publicKey.z85 }
    let found = try casus(
      ["health", "--broker", broker.endpoint, "--broker-key", key, "--key-file", "keys/op.key", "--as", "jp.test/op"],
      broker)
    #expect(found.code == 69, "\(found.text)")
  }

  private func object(_ text: String) throws -> [String: String] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String] ?? [:]
  }

  private func isLetIn(_ keys: CurveKeyPair, _ broker: RealBroker, as name: String = "a") throws -> Bool {
    let client = try RawClient(broker.endpoint, server: broker.key, keys: keys, name: name)
    try client.send(.hello(Hello(identity: "jp.test/\(name)", program: "raw", version: "1")))
    let welcome: Welcome? = try? client.answer(seconds: 1) { if case .welcome(let it) = $0 { it } else { nil } }
    return welcome != nil
  }

  @Test func `a revoked key is cut off and the rest of the file stays`() throws {
    let broker = try RealBroker()
    try writeByHand(broker)
    let path = "\(broker.folder)/registry/jp.test.yaml"
    let before = try String(contentsOfFile: path, encoding: .utf8)
    let plugin = try broker.join("a")
    let watcher = try broker.join("op")
    try watcher.subscribe(["casus.bus.left.v1"], from: .latest)
    let old = try KeyFile.read("\(broker.folder)/keys/a.key").keys

    let run = try casus(["keys", "revoke", "jp.test/a", "--registry", "registry", "--json"], broker)
    #expect(run.code == 0, "\(run.text)")
    #expect(
      try object(run.text) == ["revoked": "jp.test/a", "public": old.publicKey.z85, "file": "registry/jp.test.yaml"])
    #expect(try plugin.error().error.code == .keyRevoked)
    try watcher.wait { !$0.events.isEmpty }
    #expect(String(decoding: watcher.events[0].bytes, as: UTF8.self).contains("\"reason\":\"revoked\""))
    #expect(try !isLetIn(old, broker))

    let entry = before.range(of: "  - name: a\n")!.lowerBound..<before.range(of: "\n  # the second")!.lowerBound
    var wanted = before
    wanted.removeSubrange(entry)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == wanted)
    #expect(try broker.join("b").publish([detection("x", source: "//jp.test/b")]).accepted == 1)
    #expect(try casus(["keys", "revoke", "jp.test/a", "--registry", "registry"], broker).code == 66)
    #expect(try casus(["keys", "revoke", "jp.test/b", "--registry", "nowhere"], broker).code == 66)
  }

  @Test func `a key revoked in a home of casus up is not taken again by its next start`() throws {
    let broker = try RealBroker()
    let home = "\(broker.folder)/up"
    for folder in ["\(home)/registry", "\(home)/keys/jp.test"] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    let path = "\(home)/keys/jp.test/a.key"
    try FileManager.default.copyItem(atPath: "\(broker.folder)/keys/a.key", toPath: path)
    let key = try KeyFile.read(path).keys.publicKey.z85
    try """
    # Written by casus up at each start; edit the topology instead.
    agency: jp.test
    plugins:
      - {name: a, key: "\(key)", roles: [], publish: [], subscribe: [">"], clearance: RED}
    """.write(toFile: "\(home)/registry/jp.test.yaml", atomically: true, encoding: .utf8)
    let run = try casus(["keys", "revoke", "jp.test/a", "--home", home, "--json"], broker)
    #expect(run.code == 0, "\(run.text)")
    #expect(try object(run.text)["key_file"] == "\(path).revoked")
    // Set aside: there is none that a start would take.
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try KeyFile.read("\(path).revoked").keys.publicKey.z85 == key)
    #expect(try !String(contentsOfFile: "\(home)/registry/jp.test.yaml", encoding: .utf8).contains(key))
  }

  @Test func `a rotated key takes the old ones place`() throws {
    let broker = try RealBroker()
    try writeByHand(broker)
    let path = "\(broker.folder)/registry/jp.test.yaml"
    let before = try String(contentsOfFile: path, encoding: .utf8)
    let plugin = try broker.join("a")
    let old = try KeyFile.read("\(broker.folder)/keys/a.key").keys

    let rotate = ["keys", "rotate", "jp.test/a", "--registry", "registry", "--out", "keys/a-2.key"]
    let run = try casus(rotate + ["--json"], broker)
    #expect(run.code == 0, "\(run.text)")
    let new = try KeyFile.read("\(broker.folder)/keys/a-2.key").keys
    #expect(try object(run.text)["public"] == new.publicKey.z85)
    #expect(try object(run.text)["old"] == old.publicKey.z85)
    var status = stat()
    #expect(stat("\(broker.folder)/keys/a-2.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try plugin.error().error.code == .keyRevoked)
    #expect(try isLetIn(new, broker))
    #expect(try !isLetIn(old, broker))
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == before.replacingOccurrences(of: "\"\(old.publicKey.z85)\"", with: "'\(new.publicKey.z85)'"))

    // What exists is never overwritten, and then the registry stays as it is.
    let after = try String(contentsOfFile: path, encoding: .utf8)
    #expect(try casus(rotate, broker).code == 73)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == after)
    #expect(try casus(["keys", "rotate", "jp.test/nobody", "--registry", "registry", "--out", "x"], broker).code == 66)
  }

  @Test func `a key that was made elsewhere is let in after its fingerprint was compared`() throws {
    let broker = try RealBroker()
    try writeByHand(broker)
    let path = "\(broker.folder)/registry/jp.test.yaml"
    let before = try String(contentsOfFile: path, encoding: .utf8)
    let made = try object(try casus(["keys", "new", "jp.test/c", "--out", "c.key", "--json"], broker).text)
    let key = try #require(made["public"])
    let fingerprint = try #require(made["fingerprint"])
    #expect(fingerprint.wholeMatch(of: /([0-9a-f]{4} ){5}[0-9a-f]{4}/) != nil)
    let register = [
      "keys", "register", "jp.test/c", "--key", key, "--registry", "registry", "--publish", "casus.effect.v1",
    ]

    let other = try casus(register + ["--fingerprint", String(fingerprint.reversed())], broker)
    #expect(other.code == 65 && other.text.contains(fingerprint), "\(other.text)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == before)
    // As it was written down: in capitals, with other spaces.
    let spoken = fingerprint.uppercased().replacingOccurrences(of: " ", with: "  ")
    let run = try casus(
      register + ["--fingerprint", spoken, "--subscribe", "jp.>", "--clearance", "amber", "--json"], broker)
    #expect(run.code == 0, "\(run.text)")
    #expect(try object(run.text)["fingerprint"] == fingerprint)
    #expect(
      try String(contentsOfFile: path, encoding: .utf8)
        == before
        + "\n  - {name: c, key: \"\(key)\", roles: [], publish: [casus.effect.v1], subscribe: [\"jp.>\"], clearance: AMBER}"
    )
    let keys = try KeyFile.read("\(broker.folder)/c.key").keys
    try awaitCondition("the new plugin is let in") { try isLetIn(keys, broker, as: "c") }

    // Again, under another name, for one that has a key; and an agency that has no file yet.
    #expect(try casus(register, broker).code == 73)
    #expect(try casus(["keys", "register", "jp.test/d"] + register.dropFirst(3), broker).code == 73)
    let new =
      try object(try casus(["keys", "new", "us.test/w", "--out", "w.key", "--json"], broker).text)["public"] ?? ""
    let wrong = ["keys", "register", "us.test/w", "--key", new, "--registry", "registry", "--role", "observer"]
    #expect(try casus(wrong + ["--nation", "Utopia"], broker).code == 78)
    #expect(!FileManager.default.fileExists(atPath: "\(broker.folder)/registry/us.test.yaml"))
    let ally = try casus(wrong + ["--nation", "US"], broker)
    #expect(ally.code == 0, "\(ally.text)")
    let replaced = try casus(
      [
        "keys", "register", "us.test/w", "--key", try CurveKeyPair.generate().publicKey.z85, "--replace", "--registry",
        "registry",
      ],
      broker)
    #expect(replaced.code == 0 && replaced.text.contains(new), "\(replaced.text)")
    #expect(
      try casus(["keys", "register", "us.test/x", "--key", new, "--registry", "none", "--role", "observer"], broker)
        .code == 66)
    #expect(
      try casus(["keys", "register", "us.test/x", "--key", "short", "--registry", "registry"], broker).code == 64)
  }

  @Test func `of changes at once none is lost, and who could read a file still can`() throws {
    let broker = try RealBroker()
    try writeByHand(broker)
    let path = "\(broker.folder)/registry/jp.test.yaml"
    #expect(chmod(path, 0o664) == 0)
    if getuid() == 0 { #expect(chown(path, 65_534, 65_534) == 0) }
    let changes = try (0..<8).map { number in
      try RealProcess(
        "casus",
        number == 3
          ? ["keys", "revoke", "jp.test/b", "--registry", "registry"]
          : [
            "keys", "register", "jp.test/n\(number)", "--key", try CurveKeyPair.generate().publicKey.z85, "--registry",
            "registry", "--role", "observer",
          ], folder: broker.folder)
    }
    for change in changes { #expect(change.wait().code == 0, "\(change.printed)") }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect((0..<8).filter { text.contains("name: n\($0),") }.count == 7 && !text.contains("name: b,"), "\(text)")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o664)
    #expect(getuid() != 0 || status.st_uid == 65_534 && status.st_gid == 65_534)

    // A new file can be read by whoever reads the others; a link is left alone.
    let key = try CurveKeyPair.generate().publicKey.z85
    let new = ["keys", "register", "us.test/w", "--key", key, "--registry", "registry", "--role", "observer"]
    #expect(try casus(new, broker).code == 0)
    #expect(stat("\(broker.folder)/registry/us.test.yaml", &status) == 0 && status.st_mode & 0o777 == 0o664)
    #expect(getuid() != 0 || status.st_uid == 65_534)
    let manager = FileManager.default
    try manager.moveItem(atPath: "\(broker.folder)/registry/us.test.yaml", toPath: "\(broker.folder)/elsewhere.yaml")
    try manager.createSymbolicLink(
      atPath: "\(broker.folder)/registry/us.test.yaml", withDestinationPath: "\(broker.folder)/elsewhere.yaml")
    let before = try String(contentsOfFile: "\(broker.folder)/elsewhere.yaml", encoding: .utf8)
    #expect(try casus(["keys", "revoke", "us.test/w", "--registry", "registry"], broker).code != 0)
    #expect(try String(contentsOfFile: "\(broker.folder)/elsewhere.yaml", encoding: .utf8) == before)
    // Which of two files of one agency the broker takes is not for a command to guess.
    try "agency: jp.test\nplugins: []\n".write(
      toFile: "\(broker.folder)/registry/z.yaml", atomically: true, encoding: .utf8)
    let twice = try casus(
      [
        "keys", "register", "jp.test/z", "--key", try CurveKeyPair.generate().publicKey.z85, "--registry", "registry",
        "--role", "observer",
      ], broker)
    #expect(twice.code == 78 && twice.text.contains("join them first"), "\(twice.text)")
  }

  @Test func `key files that others can read are refused by plugins and commands too`() throws {
    let broker = try RealBroker()
    chmod("\(broker.folder)/keys/b.key", 0o644)
    let shown = try casus(["keys", "show", "keys/b.key"], broker)
    #expect(shown.code == 77)
    #expect(shown.text.contains("chmod 600"))
    let plugin = try RealProcess(
      "example-counter", [], folder: broker.folder,
      environment: [
        "CASUS_BROKER": broker.endpoint, "CASUS_BROKER_KEY": broker.key.z85, "CASUS_IDENTITY": "jp.test/b",
        "CASUS_KEY_FILE": "\(broker.folder)/keys/b.key", "CASUS_STATE": broker.folder,
      ])
    let end = plugin.wait()
    #expect(end.code != 0 && end.signal == nil)
    #expect(plugin.printed.contains("b.key"))
  }
}
