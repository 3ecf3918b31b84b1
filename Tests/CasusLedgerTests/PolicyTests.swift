import CasusCases
import CasusEvents
import CasusLedger
import Foundation
import Testing

@Suite struct PolicyTests {
  @Test
  func `a sound policy has no problems, and its digest is that of its content`() throws {
    let policy = try CaseJournal().policy
    #expect(policy.problems.isEmpty)
    let decoded = try CasePolicy.read(Array(canonicalJSON(policy)), file: "p")
    #expect(decoded.sha256 == policy.sha256)
    #expect(decoded.reference.sha256?.count == 64)
  }

  @Test
  func `a threshold of zero, a key of two parties and what else would let one decide for all is found`() throws {
    let good = try CaseJournal().policy
    var changed = good
    changed.parties[0].threshold = 0
    #expect(changed.problems == ["party JP has a threshold of 0: anyone could decide for it"])
    changed.parties[0].threshold = 3
    #expect(changed.problems == ["party JP needs 3 of 2 signers"])
    changed = good
    changed.parties[1].signers[0] = good.parties[0].signers[0]
    #expect(changed.problems.count == 1)
    #expect(changed.problems[0].hasSuffix("signs for JP and for US"))
    changed = good
    changed.parties[0].signers[1] = good.parties[0].signers[0]
    #expect(changed.problems == ["party JP has a key twice"])
    changed = good
    changed.parties[1].name = "JP"
    #expect(changed.problems.contains("party JP stands twice"))
    changed = good
    changed.parties[1].agencies = ["us.cisa", "jp.mofa"]
    #expect(
      changed.problems == ["jp.mofa publishes for US, and by its name for JP, which lists no agencies"])
    changed.parties[0].agencies = ["jp.nisc"]
    #expect(changed.problems.isEmpty)
    changed = good
    changed.parties = []
    #expect(changed.problems.contains("the policy names no party"))
    changed = good
    changed.consult.append(PolicyConsultation(party: "FR"))
    #expect(changed.problems == ["FR must be consulted and is no party"])
    changed = good
    changed.parties[0].signers[0].name = "EXERCISE\nline"
    #expect(changed.problems == ["a name is longer than 256 characters or has control characters"])
    changed = good
    changed.consult[0].withinHours = -.infinity
    #expect(changed.problems.count == 1)
    #expect(throws: CaseError.self) { try changed.validate() }
  }

  @Test
  func `a consultation is due its hours after the opening`() {
    let opened = CaseJournal.start
    #expect(PolicyConsultation(party: "JP", withinHours: 1.5).due(opened: opened)?.rfc3339 == "2026-08-14T01:30:00Z")
    #expect(PolicyConsultation(party: "JP").due(opened: opened) == nil)
    #expect(PolicyConsultation(party: "JP", withinHours: 1e300).due(opened: opened)?.nanoseconds == Int64.max)
  }
}
