import CasusCore
import CasusEvents
import CasusJournal
import CasusWire
import Testing

@testable import CasusServer
@testable import ZeroMQ

/// Who may connect, as ZAP is answered.
@Suite struct DoorKeeperTests {
  private let keys = (0..<3).map { _ in try! CurveKeyPair.generate().publicKey }

  private func request(_ credentials: ZAPRequest.Credentials, domain: String = "casus") -> ZAPRequest {
    ZAPRequest(domain: domain, address: "192.0.2.1", credentials: credentials)
  }

  @Test func `who is registered is let in under its key and nobody else`() {
    let keeper = DoorKeeper(.curve)
    keeper.admit([keys[0].z85, keys[1].z85])
    let reply = keeper.answer(request(.curve(keys[0])))
    #expect(reply.status == 200 && reply.userID == keys[0].z85)
    for stranger: ZAPRequest.Credentials in [
      .curve(keys[2]), .null, .plain(username: keys[0].z85, password: ""), .other(mechanism: "GSSAPI"),
    ] {
      #expect(keeper.answer(request(stranger)).status == 400)
    }
    for domain in ["", "other"] { #expect(keeper.answer(request(.curve(keys[0]), domain: domain)).status == 400) }
    #expect(keeper.count == 6)
    keeper.startCounting()
    #expect(keeper.count == 0)
  }

  @Test func `who is shut out may try later and a revoked key may not`() {
    let keeper = DoorKeeper(.curve)
    keeper.admit([keys[0].z85, keys[1].z85])
    keeper.shut([keys[0].z85])
    #expect(keeper.answer(request(.curve(keys[0]))).status == 300)
    #expect(keeper.answer(request(.curve(keys[1]))).status == 200)
    keeper.shut([])
    #expect(keeper.answer(request(.curve(keys[0]))).status == 200)
    keeper.admit([keys[1].z85])
    #expect(keeper.answer(request(.curve(keys[0]))).status == 400)
  }

  @Test func `without proof the name is the key`() {
    let keeper = DoorKeeper(.plain)
    keeper.admit(["some key"])
    #expect(keeper.answer(request(.plain(username: "some key", password: "anything"))).userID == "some key")
    #expect(keeper.answer(request(.curve(keys[0]))).status == 400)
  }
}

/// What the loop keeps beside the core.
@Suite struct ShellTests {
  @Test func `a full disk is told once and so is its end`() {
    var trouble = DiskTrouble("EXERCISE")
    let full = JournalError(.diskFull, "EXERCISE")
    let time = Timestamp(nanoseconds: 5)
    func told(_ isFull: Bool) -> Bool { isFull ? trouble.begins(full, at: time) != nil : trouble.ends() }
    let answers = [false, true, true, true, false, false, true, false].map { told($0) }
    #expect(answers == [false, true, false, false, true, false, true, true])
  }

  @Test func `each trouble of the disk has its name and its refusal`() {
    var trouble = DiskTrouble("EXERCISE")
    for (code, refusal, says) in [
      (JournalError.Code.diskFull, WireErrorCode.diskFull, "the disk is full"),
      (.tooManyFiles, .journalHeldUp, "the disk is not to blame"), (.readOnly, .journalHeldUp, "read-only"),
    ] {
      let error = JournalError(code, "EXERCISE")
      #expect(error.refusal == refusal && error.isPassing && refusal.isRetriable)
      // One that follows another is told, too.
      #expect(trouble.begins(error, at: Timestamp(nanoseconds: 0))?.contains(says) == true)
      #expect(trouble.now?.code == code.rawValue)
    }
    #expect(!JournalError(.failed, "EXERCISE").isPassing && !JournalError(.io, "EXERCISE").isPassing)
  }

  /// An honest reader that is held up for the first time has all its subscriptions' turns on the way.
  @Test func `what is kept for a peer holds a turn of all its subscriptions`() {
    var options = BrokerOptions()
    for (subscriptions, batch) in [(1, 262_144), (64, 262_144), (10_000, 1 << 20)] {
      options.limits.subscriptions = subscriptions
      options.limits.batchBytes = batch
      #expect(Outgoing.mostKept(options) > subscriptions * (options.turnBytes + batch))
    }
  }

  @Test func `what may be staged fits into a commit`() {
    var limits = Limits()
    limits[.stagedBytes] = Limit.stagedBytes.range.upperBound
    #expect(limits.stagedBytes * 2 + (16 << 20) <= 1 << 30)
  }
}
