import CasusEvents
import CasusLedger
import Foundation
import TestSupport
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

  @Test
  func `securesystemslib and pymerkle say the same of our envelopes and roots`() throws {
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
    let folder = TemporaryFolder()
    try Data(JSONEncoder().encode(cases)).write(to: URL(fileURLWithPath: folder.file("cases.json")))
    let missing = "securesystemslib and pymerkle cannot be had; signatures and roots go unchecked by others"
    guard
      let (status, output) = Checkout.peer(
        "Tests/CasusLedgerTests/peers.py", venv: "ledger", [folder.path], without: missing)
    else { return }
    #expect(status == 0, "\(output)")
    print(
      "by securesystemslib and pymerkle: \(output.trimmingCharacters(in: .whitespacesAndNewlines))")
  }

  static func isValid(_ envelope: SignedEnvelope, _ keys: [VerifyingKey], _ threshold: Int) -> Bool {
    // securesystemslib takes the type as it stands; ours has to be told which is expected.
    (try? DSSE.verify(envelope, type: envelope.payloadType, keys: keys, threshold: threshold))
      != nil
  }
}
