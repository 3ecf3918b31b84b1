import CasusEvents
import CasusLedger
import Foundation
import Testing

/// The same envelopes and roots, judged by programs that others wrote.
@Suite struct PeerTests {
  struct Cases: Encodable {
    struct Key: Encodable { let keyid, `public`: String }
    struct Case: Encodable {
      let name: String
      let envelope: SignedEnvelope
      let keys: [Key]
      let threshold: Int
      let valid: Bool
    }
    var envelopes: [Case] = []
    var roots: [String] = []
  }

  @Test("securesystemslib and pymerkle say the same of our envelopes and roots")
  func peers() throws {
    var cases = Cases()
    let type = DSSETests.type
    let payload = Array(#"{"exercise":true,"text":"é"}"#.utf8)
    let keys = try (0..<3).map { _ in try SigningKey.generate() }
    let good = try DSSE.sign(payload, type: type, with: [keys[0], keys[1]])
    var altered = good
    altered.payload = Data(payload + [32]).base64EncodedString()
    var doubled = try DSSE.sign(payload, type: type, with: [keys[0]])
    doubled.signatures += doubled.signatures
    var retyped = good
    retyped.payloadType = "application/vnd.casus.position.v1+json"
    let envelopes = [
      ("good", good), ("altered", altered), ("doubled", doubled), ("retyped", retyped),
    ]
    for (name, envelope) in envelopes {
      for trusted in [[0], [0, 1], [1, 2], [2], [0, 1, 2]] {
        // securesystemslib doesn't read an envelope with a key id twice; we read it and count the key once.
        for threshold in (name == "doubled" ? 2 : 0)...3 where threshold <= trusted.count {
          let trusted = trusted.map { keys[$0].verifyingKey }
          let valid = Self.isValid(envelope, trusted, threshold)
          cases.envelopes.append(
            Cases.Case(
              name: "\(name), \(threshold) of \(trusted.count)", envelope: envelope,
              keys: trusted.map { Cases.Key(keyid: $0.keyid, public: $0.hex) },
              threshold: threshold, valid: valid))
        }
      }
    }
    for size in 0...70 { cases.roots.append(MerkleTests.root(MerkleTests.many.prefix(size)).hex) }
    let folder = try TemporaryFolder()
    try Data(JSONEncoder().encode(cases)).write(to: URL(fileURLWithPath: folder.path("cases.json")))
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let venv = here.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
      ".build-venv/ledger")
    let (status, output) = Self.python([
      here.appendingPathComponent("peers.py").path, venv.path, folder.path(""),
    ])
    if status == 77 || status == 127 {
      print(
        "SKIPPED: securesystemslib and pymerkle cannot be had; signatures and roots go unchecked by others"
      )
      return
    }
    #expect(status == 0, "\(output)")
    print(
      "by securesystemslib and pymerkle: \(output.trimmingCharacters(in: .whitespacesAndNewlines))")
  }

  static func isValid(_ envelope: SignedEnvelope, _ keys: [VerifyingKey], _ threshold: Int) -> Bool {
    // securesystemslib takes the type as it stands; ours has to be told which is expected.
    (try? DSSE.verify(envelope, type: envelope.payloadType, keys: keys, threshold: threshold))
      != nil
  }

  static func python(_ arguments: [String]) -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return (127, "\(error)") }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
