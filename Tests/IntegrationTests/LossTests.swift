import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A real broker whose journal lacks something: it does not start until a person has decided, and no sequence means two events.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealLoss {
  private let broker: RealBroker
  private var journal: String { "\(broker.folder)/journal" }

  init() throws {
    // Small segments, so that there are some.
    broker = try RealBroker(settings: "segment_bytes: 65536\ncompression: none")
    let client = try broker.join("a")
    for round in 0..<20 { try client.publish((0..<20).map { try detection("d\(round)-\($0)") }) }
    let reader = try broker.join("b")
    try reader.subscribe(["casus.detection.v1"], name: "mine")
    try reader.wait { $0.events.count == 400 }
    let last = try #require(reader.events.last?.sequence)
    try reader.send(.ack(Ack(subscription: 1, through: last)))
    let `operator` = try broker.join("op")
    try awaitCondition("the acknowledgement") {
      let subscriptions = try `operator`.status()["subscriptions"] as? [[String: Any]]
      let mine = subscriptions?.first { $0["name"] as? String == "mine" }?["acked_through"] as? String
      return mine.flatMap { UInt64($0) } ?? 0 >= last
    }
    broker.process.kill(signal: SIGTERM)
    #expect(broker.process.wait() == .init(code: 0))
  }

  private func start() throws -> (code: Int32?, text: String) {
    let process = try RealProcess("casusd", ["--config", "casusd.yaml"], folder: broker.folder)
    return (process.wait().code, process.printed)
  }

  private func casus(_ arguments: String...) throws -> (code: Int32?, text: String) {
    let process = try RealProcess("casus", arguments, folder: broker.folder)
    return (process.wait().code, process.printed)
  }

  private var segments: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".mcap") }.sorted()
        .map { "\(journal)/\($0)" }
    }
  }

  @Test func `without a journal it does not start and makes none`() throws {
    try FileManager.default.removeItem(atPath: journal)
    let end = try start()
    #expect(end.code == 65 && end.text.contains("there is no journal") && end.text.contains("--init"), "\(end)")
    #expect(!FileManager.default.fileExists(atPath: journal))
    #expect(try casus("verify", journal).code == 66)
    let made = try RealProcess("casusd", ["--config", "casusd.yaml", "--init"], folder: broker.folder)
    #expect(made.wait().code == 0)
    let again = try RealProcess("casusd", ["--config", "casusd.yaml", "--init"], folder: broker.folder)
    #expect(again.wait().code == 73)
    try broker.restart()
  }

  @Test(arguments: ["last", "all", "first", "positions.log", "schemas.log", "JOURNAL"])
  func `what is gone is told and a person goes on without it`(_ what: String) throws {
    let names = try segments
    #expect(names.count > 2)
    let gone =
      switch what {
      case "last": Array(names.suffix(1))
      case "all": names
      case "first": Array(names.prefix(1))
      default: ["\(journal)/\(what)"]
      }
    for path in gone { try FileManager.default.removeItem(atPath: path) }
    let end = try start()
    #expect(end.code == 65 && end.text.contains("casus journal accept-loss"), "\(end)")
    let verified = try casus("verify", journal)
    #expect(verified.code == 65 && verified.text.contains("accept-loss"), "\(verified)")
    let accepted = try casus("journal", "accept-loss", journal, "--by", "EXERCISE operator")
    #expect(accepted.code == 0, "\(accepted)")
    let sound = try casus("verify", journal)
    #expect(sound.code == 0, "\(sound)")
    try broker.restart()
    let client = try broker.join("a")
    let published = try client.publish([detection("after")])
    #expect(published.first > 400)
    // Whoever had read on goes on, and is told.
    let listener = try broker.join("op")
    try listener.subscribe(["casus.bus.loss.v1", "casus.detection.v1"], number: 2)
    try listener.wait { $0.events.contains { $0.id == "after" } && $0.events.contains { $0.id.hasPrefix("loss-") } }
    #expect(listener.events.map(\.sequence) == listener.events.map(\.sequence).sorted())
    let reader = try broker.join("b")
    try reader.subscribe(["casus.detection.v1"], name: "mine")
    try reader.wait { $0.events.contains { $0.id == "after" } }
  }

  @Test func `a backup under load is restored and read whole`() throws {
    try broker.restart()
    let client = try broker.join("a")
    let arguments = ["--journal", journal, "--registry", "\(broker.folder)/registry"]
    let made = try RealProcess("casus", ["backup", "copy"] + arguments, folder: broker.folder)
    var round = 0
    while made.exit == nil || round < 20 {
      try client.publish((0..<20).map { try detection("l\(round)-\($0)") })
      round += 1
    }
    #expect(made.wait().code == 0, "\(made.printed)")
    let over = try RealProcess("casus", ["backup", "copy"] + arguments, folder: broker.folder)
    #expect(over.wait().code == 73)
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(broker.folder)/copy")
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    let verified = try casus("verify", "copy/journal", "--checkpoint", "checkpoint")
    #expect(verified.code == 0 && verified.text.contains("backup"), "\(verified)")
    // A prefix of the journal, which has gone on.
    for since in ["copy", "checkpoint"] {
      let compared = try casus("verify", journal, "--since", since)
      #expect(compared.code == 0 && compared.text.contains("begins as it did"), "\(compared)")
    }
    broker.process.kill(signal: SIGTERM)
    _ = broker.process.wait()
    let all = try casus("verify", journal, "--json").text
    // Nobody goes on in the backup by mistake.
    try FileManager.default.moveItem(atPath: journal, toPath: "\(journal).old")
    try FileManager.default.copyItem(atPath: "\(broker.folder)/copy/journal", toPath: journal)
    let end = try start()
    #expect(end.code == 65 && end.text.contains("casus restore"), "\(end)")
    try FileManager.default.removeItem(atPath: journal)

    let restored = try casus("restore", "copy", "--journal", journal, "--by", "EXERCISE operator")
    #expect(restored.code == 0, "\(restored)")
    let compared = try casus("verify", journal, "--since", "copy")
    #expect(compared.code == 0, "\(compared)")
    try broker.restart()
    let reader = try broker.join("op")
    try reader.subscribe(["casus.detection.v1", "casus.bus.loss.v1"], number: 2)
    try reader.wait { $0.events.contains { $0.id.hasPrefix("loss-") } }
    #expect(reader.events.filter { $0.id.hasPrefix("d") }.count == 400)
    let kept = reader.events.filter { $0.id.hasPrefix("l") && !$0.id.hasPrefix("loss-") }.map(\.id)
    #expect(kept == (0..<kept.count).map { "l\($0 / 20)-\($0 % 20)" })
    let again = try broker.join("a")
    let published = try again.publish([detection("after")])
    let last = try #require(try JSONSerialization.jsonObject(with: Data(all.utf8)) as? [String: Any])["last"] as? String
    #expect(published.first > UInt64(last ?? "") ?? .max)
  }

  @Test func `a changed event is no prefix of a backup`() throws {
    let made = try casus(
      "backup", "copy", "--journal", journal, "--registry", "\(broker.folder)/registry", "--copy")
    #expect(made.code == 0, "\(made)")
    let path = try #require(try segments.first)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(bytes.range(of: Data("\"d0-3\"".utf8)))
    bytes.replaceSubrange(place, with: Data("\"d0-4\"".utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
    let compared = try casus("verify", journal, "--since", "copy")
    #expect(compared.code == 65 && compared.text.contains("DOES NOT BEGIN AS IT DID"), "\(compared)")
  }

  @Test func `of a backup or a journal that fails nothing stays behind`() throws {
    let registry = "\(broker.folder)/registry"
    let made = try casus("backup", "copy", "--journal", journal, "--registry", registry, "--copy")
    #expect(made.code == 0, "\(made)")
    let manager = FileManager.default
    let newest = URL(filePath: try #require(try segments.last)).lastPathComponent
    for path in ["\(broker.folder)/copy/journal/\(newest)", "\(journal)/\(newest)"] {
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[400] ^= 0x10
      try bytes.write(to: URL(filePath: path))
    }
    let failed = try casus("backup", "other", "--journal", journal, "--registry", registry)
    #expect(failed.code == 65, "\(failed)")
    #expect(!manager.fileExists(atPath: "\(broker.folder)/other"))

    let before = try manager.contentsOfDirectory(atPath: journal).sorted()
    let arguments = ["--registry", "new-registry", "--by", "EXERCISE operator"]
    func restore(_ journal: String) throws -> (code: Int32?, text: String) {
      let process = try RealProcess(
        "casus", ["restore", "copy", "--journal", journal] + arguments, folder: broker.folder)
      return (process.wait().code, process.printed)
    }
    #expect(try restore(journal).code == 73)
    #expect(try manager.contentsOfDirectory(atPath: journal).sorted() == before)
    let restored = try restore("new-journal")
    #expect(restored.code == 65, "\(restored)")
    for name in ["new-journal", "new-registry"] { #expect(!manager.fileExists(atPath: "\(broker.folder)/\(name)")) }
    // What somebody made beforehand stays, empty.
    try manager.createDirectory(atPath: "\(broker.folder)/made", withIntermediateDirectories: false)
    #expect(try restore("made").code == 65)
    #expect(try manager.contentsOfDirectory(atPath: "\(broker.folder)/made").isEmpty)
    // A disk of its own: what the file system has put there is in nobody's way, and stays.
    try manager.createDirectory(atPath: "\(broker.folder)/disk/lost+found", withIntermediateDirectories: true)
    #expect(try restore("disk").code == 65)
    #expect(try manager.contentsOfDirectory(atPath: "\(broker.folder)/disk") == ["lost+found"])
  }

  @Test func `what is verified is shown beside a checkpoint of another journal`() throws {
    let path = "\(broker.folder)/checkpoint"
    try #"{"format":"casus-checkpoint/1","journal":"5f","stretches":[{"first":"1","last":"9","root":"00"}]}"#
      .write(toFile: path, atomically: true, encoding: .utf8)
    let verified = try casus("verify", journal, "--since", path)
    #expect(verified.code == 65 && verified.text.contains(": sound, "), "\(verified)")
    #expect(verified.text.contains("it is of the journal 5f, not of this one"), "\(verified)")
    let object = try casus("verify", journal, "--since", path, "--json")
    #expect(object.code == 65 && object.text.contains(#""since":{"same":false,"proved":0,"#), "\(object)")
  }
}
