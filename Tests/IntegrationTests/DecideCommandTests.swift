import CasusEvents
import CasusLedger
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

/// `casus decide` says beforehand what will not count, with a code of its own, and shows what is signed.
@Suite(.blocking, .timeLimit(.minutes(15))) struct DecideCommands {
  /// A broker with an incident, an exercise's case on it, and two signers and a stranger.
  private struct Desk {
    let broker: RealBroker

    init(settings: String = "") throws {
      broker = try RealBroker(settings: settings)
      var signers: [String: String] = [:]
      for name in ["jp", "us", "stranger"] {
        let file = SignerKeyFile(comment: "casus signer EXERCISE \(name)", key: try .generate())
        try file.write("\(broker.folder)/\(name).signer")
        signers[name] = file.key.verifyingKey.hex
      }
      // JP is spoken for by jp.test by its name, US by what the policy says: nobody here.
      try """
      name: exercise
      version: "1"
      parties:
        - {name: JP, threshold: 1, signers: [{name: EXERCISE JP, key: "\(signers["jp"]!)"}]}
        - {name: US, threshold: 1, agencies: [us.cisa], signers: [{name: EXERCISE US, key: "\(signers["us"]!)"}]}
      """.write(toFile: "\(broker.folder)/policy.yaml", atomically: true, encoding: .utf8)
      let op = try broker.join("op")
      let moment = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
      let incident = Incident(
        incident: "i-1", revision: 1, state: .open, title: "EXERCISE power", phase: .effect, firstSeen: moment,
        lastSeen: moment, domains: [.cyberspace], detectionCount: 3, effectCount: 1, detections: [], effects: [],
        techniques: [], victims: [], sectors: [], basis: ["EXERCISE"], method: Method(name: "exercise", version: "1"))
      let draft = Draft(incident, id: "i-1-r1", time: moment, exercise: true)
      let text = String(decoding: try draft.encoded(source: "//jp.test/op"), as: UTF8.self)
      #expect(try op.publish([text]).accepted == 1)
      let open = try casus(
        ["case", "open", "i-1", "--case", "C-1", "--title", "EXERCISE", "--by", "EXERCISE", "--exercise"])
      #expect(open.code == 0, "\(open.text)")
    }

    func casus(_ arguments: [String], policy: [String] = ["--policy", "policy.yaml"]) throws -> (
      code: Int32?, text: String
    ) {
      let address = [
        "--broker", broker.endpoint, "--broker-key", broker.key.z85, "--key-file", "keys/op.key", "--as", "jp.test/op",
      ]
      let command = try RealProcess("casus", arguments + address + policy, folder: broker.folder)
      return (command.wait().code, command.printed)
    }

    func draft(_ party: String, _ key: String, _ more: [String] = []) throws -> (code: Int32?, text: String) {
      try casus(
        [
          "decide", "draft", "C-1", "--party", party, "--key", "\(key).signer", "--outcome", "no-action", "--text",
          "EXERCISE", "--reason", "EXERCISE",
        ] + more)
    }

    var decisions: Int {
      get throws {
        let lines = try casus(
          ["tail", "--type", "casus.decision.v1", "--from", "earliest", "--once", "--json"], policy: [])
        return lines.text.split(separator: "\n").count
      }
    }
  }

  /// However a command gets at the journal, and whatever became of the one before it.
  @Test func `an index, none, and the journal's folder show the same`() throws {
    let desk = try Desk()
    #expect(try desk.draft("JP", "jp").code == 0)
    let policy = ["--policy", "policy.yaml"]
    func all(_ more: [String]) throws -> [String] {
      try [["case", "list"], ["case", "show", "C-1"], ["case", "incidents"]].map { arguments in
        let known = arguments[1] == "incidents" ? [] : policy
        let run = try desk.casus(arguments + ["--json"] + more, policy: known)
        #expect(run.code == 0, "\(run)")
        // A command that comes and goes is an event of the bus.
        return run.text.replacing(/"as_of":\{[^}]*\}/, with: "")
      }
    }
    let cache = "\(desk.broker.folder)/cache/casus"
    try FileManager.default.removeItem(atPath: cache)
    let whole = try all(["--no-index"])
    #expect(whole[1].contains("EXERCISE") && whole.allSatisfy { $0.hasPrefix("{") })
    #expect(!FileManager.default.fileExists(atPath: cache))
    #expect(try all([]) == whole)
    #expect(try all([]) == whole)
    #expect(try all(["--journal", "journal"]) == whole)
    let files = try FileManager.default.contentsOfDirectory(atPath: cache).filter { $0.hasSuffix(".db") }
    #expect(files.count == 2)
    for file in files { try FileManager.default.removeItem(atPath: "\(cache)/\(file)") }
    // Killed at some moment of its work, wherever that is.
    for moment in 0..<6 {
      let command = try RealProcess(
        "casus", ["case", "list", "--journal", "journal", "--policy", "policy.yaml"], folder: desk.broker.folder)
      usleep(UInt32(moment) * 8_000)
      command.kill(signal: SIGKILL)
      _ = command.wait()
    }
    #expect(try all(["--journal", "journal"]) == whole)
  }

  @Test func `a page says what comes behind it`() throws {
    let desk = try Desk()
    for name in ["C-2", "C-3"] {
      let open = try desk.casus(
        ["case", "open", "i-1", "--case", name, "--title", "EXERCISE", "--by", "EXERCISE", "--exercise"])
      #expect(open.code == 0, "\(open)")
    }
    let first = try desk.casus(["case", "list", "--limit", "2"]).text
    #expect(first.contains("C-1") && first.contains("C-2") && !first.contains("C-3"))
    #expect(first.hasSuffix("1 more: casus case list --after C-2\n"), "\(first)")
    let json = try desk.casus(["case", "list", "--limit", "2", "--json"]).text.split(separator: "\n")
    #expect(json.count == 3 && json[2] == #"{"left":1,"after":"C-2"}"#)
    let rest = try desk.casus(["case", "list", "--after", "C-2", "--json"]).text.split(separator: "\n")
    #expect(rest.count == 1 && rest[0].contains(#""case":"C-3""#))
    #expect(try desk.casus(["case", "list", "--after", "C-9"]).code == 1)
    #expect(try desk.casus(["case", "list", "--limit", "0"]).code == 64)
  }

  @Test func `lists say what an incident rests on and who opened a case`() throws {
    let desk = try Desk()
    let incidents = try desk.casus(["case", "incidents"], policy: [])
    #expect(incidents.text.contains("1 event of an exercise"), "\(incidents.text)")
    let rows = try desk.casus(["case", "incidents", "--json"], policy: []).text
    #expect(rows.contains("\"marked\":{\"replayed\":0,\"exercise\":1}"), "\(rows)")
    let cases = try desk.casus(["case", "list"])
    #expect(cases.text.contains("opened by") && cases.text.contains("jp.test/op"), "\(cases.text)")
  }

  /// However the journal lost something: once it says so itself, its root is known again.
  @Test(arguments: ["accept-loss", "restore", "repair"])
  func `a journal that lost something is signed on again`(_ what: String) throws {
    let desk = try Desk(settings: "compression: none")
    let folder = desk.broker.folder
    func run(_ arguments: String..., code: Int32 = 0) throws -> String {
      let command = try RealProcess("casus", arguments, folder: folder)
      let end = command.wait()
      #expect(end == .init(code: code), "\(arguments): \(command.printed)")
      return command.printed
    }
    func verified() throws -> [String: Any] {
      let text = try run("verify", "journal", "--policy", "policy.yaml", "--json")
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    #expect(try desk.draft("JP", "jp").code == 0)
    if what == "restore" { _ = try run("backup", "copy", "--journal", "journal", "--registry", "registry") }
    desk.broker.process.kill(signal: SIGTERM)
    _ = desk.broker.process.wait()
    let before = try verified()["root"] as? String
    switch what {
    case "restore":
      try FileManager.default.moveItem(atPath: "\(folder)/journal", toPath: "\(folder)/old")
      _ = try run("restore", "copy", "--journal", "journal", "--by", "EXERCISE")
    case "repair":
      // A commit behind the evidence: that the command joined, and perhaps what it published.
      let path = "\(folder)/journal/00000000000000000001.mcap"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let event = try #require(bytes.range(of: Data("\"type\":\"casus.bus.joined.v1\"".utf8), options: .backwards))
      bytes[event.lowerBound] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(try run("journal", "repair", "journal", code: 1).contains("accept-loss"))
      #expect(try verified()["root"] is NSNull)
      _ = try run("journal", "accept-loss", "journal", "--by", "EXERCISE")
    default:
      try FileManager.default.removeItem(atPath: "\(folder)/journal/JOURNAL")
      _ = try run("journal", "accept-loss", "journal", "--by", "EXERCISE")
    }
    let after = try verified()["root"] as? String
    #expect(before != nil && after != nil && before != after)
    try desk.broker.restart()
    let again = try desk.draft("JP", "jp", ["--reason", "EXERCISE more"])
    #expect(again.code == 0, "\(again)")
    let all = try verified()
    let codes = try #require(all["findings"] as? [[String: Any]]).map { $0["code"] as? String }
    #expect(codes == (what == "repair" && codes.isEmpty ? [] : ["conflicting-signatures"]))
    #expect(all["root"] is String)
  }

  @Test func `what would not count is not signed and says why`() throws {
    let desk = try Desk()
    let refused: [(party: String, key: String, code: Int32, words: String)] = [
      ("JP", "stranger", 77, "signs for nobody"), ("JP", "us", 77, "signs for US in the policy exercise 1, not for JP"),
      ("XX", "jp", 77, "XX is no party of the policy exercise 1: JP, US"),
      ("US", "us", 77, "wrong-publisher: jp.test published it, which is none of US's agencies"),
    ]
    for row in refused {
      let run = try desk.draft(row.party, row.key)
      #expect(run.code == row.code && run.text.contains(row.words), "\(row): \(run)")
    }
    let unread = try desk.casus(["decide", "sign", "C-1", "--party", "JP", "--key", "jp.signer", "--yes"])
    #expect(unread.code == 1 && unread.text.contains("nobody has drafted a decision"), "\(unread)")

    let drafted = try desk.draft("JP", "jp")
    #expect(drafted.code == 0, "\(drafted)")
    for words in [
      "case      C-1 (exercise): EXERCISE", "incident  i-1: EXERCISE power", "says      no-action: EXERCISE",
      "quorum    with this: JP 1 of 1, US 0 of 1", "evidence  1 of the incident's 5 events",
      "since     nothing newer",
    ] {
      #expect(drafted.text.contains(words), "\(drafted.text)")
    }
    #expect(drafted.text.contains(/sha256    ([0-9a-f]{4} ){3}[0-9a-f]{4}\n/))

    let sign = ["decide", "sign", "C-1", "--party", "JP", "--key", "jp.signer"]
    let again = try desk.casus(sign + ["--yes"])
    #expect(again.code == 1 && again.text.contains("repeated-statement"), "\(again)")
    // The key is looked at before anything else.
    #expect(try desk.casus(sign.dropLast() + ["stranger.signer", "--yes"]).code == 77)
    #expect(try desk.decisions == 1)

    // Another text while one is open is everybody's right, and is seen by everybody.
    let another = try desk.draft("JP", "jp", ["--json", "--reason", "EXERCISE more"])
    #expect(another.code == 0 && another.text.contains("also signed another text"), "\(another)")
    #expect(another.text.contains("\"evidence_count\":5") && another.text.contains("\"payload_sha256\":\""))
    #expect(try desk.decisions == 2)
  }
}
