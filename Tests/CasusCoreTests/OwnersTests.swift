import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// What one has published is superseded, withdrawn and revised by nobody else.
@Suite struct OwnersTests {
  let bus = Bench()

  private func publish(_ peer: PeerID, batch: Int, _ events: [String]) -> [String] {
    bus.publish(peer, batch: batch, events)
    bus.commit()
    guard case .published(let published)? = bus.received[peer]?.last else { return ["no answer"] }
    return published.refused.map { "\($0.error.code.name) \($0.error.pointer ?? "")" }
  }

  @Test func `only its publisher supersedes an event`() {
    let a = bus.join("a")
    let b = bus.join("b")
    #expect(publish(a, batch: 1, ["x", "y<x"]) == [])
    let foreign = ["foreign-revision /data/refs/0"]
    // Whether the broker remembers what is named is no matter: the source says whose it is.
    #expect(publish(b, batch: 1, ["z<x~//jp.test/a@//jp.test/b"]) == foreign)
    #expect(publish(b, batch: 2, ["z<old~//us.other/a@//jp.test/b"]) == foreign)
    #expect(publish(b, batch: 3, ["z>x~//jp.test/a@//jp.test/b"]) == [], "to rest on it is anybody's")
  }

  @Test func `the role revise reaches as far as the agency`() {
    let a = bus.join("a")
    let desk = bus.join("desk", roles: [.revise])
    #expect(publish(a, batch: 1, ["x"]) == [])
    #expect(publish(desk, batch: 1, ["z<x~//jp.test/a@//jp.test/desk"]) == [])
    #expect(
      publish(desk, batch: 2, ["z2<x~//jp.testing/a@//jp.test/desk", "z3<x~//jp.test@//jp.test/desk"]).count == 2)
  }

  @Test(arguments: ["casus.case.v1", "casus.incident.v1"])
  func `a name is its first publishers`(type: String) {
    let pointer = type == "casus.case.v1" ? "/data/case" : "/data/incident"
    let a = bus.join("a")
    let b = bus.join("b")
    let desk = bus.join("desk", roles: [.revise])
    #expect(publish(a, batch: 1, ["r1%one:\(type)"]) == [])
    #expect(publish(b, batch: 1, ["r9%one:\(type)@//jp.test/b"]) == ["foreign-revision \(pointer)"])
    #expect(publish(b, batch: 2, ["r9%two:\(type)@//jp.test/b"]) == [])
    #expect(publish(a, batch: 2, ["r2%one:\(type)"]) == [])
    #expect(publish(desk, batch: 1, ["r3%one:\(type)@//jp.test/desk"]) == [])
  }

  @Test func `a recorder writes down others cases and nothing else`() {
    let a = bus.join("a")
    let recorder = bus.join("recorder", roles: [.recorder])
    #expect(publish(a, batch: 1, ["c1%one:casus.case.v1", "i1%one:casus.incident.v1", "x"]) == [])
    #expect(publish(recorder, batch: 1, ["c2<c1%one:casus.case.v1@//jp.test/recorder"]) == [])
    #expect(
      publish(recorder, batch: 2, ["i2%one:casus.incident.v1@//jp.test/recorder", "y<x@//jp.test/recorder"])
        == ["foreign-revision /data/incident", "foreign-revision /data/refs/0"])
  }

  /// What the broker remembers after a restart may begin with another's revision.
  @Test(arguments: [
    ["c2<c1%one:casus.case.v1@//jp.test/recorder"],
    [
      "c2<c1%one:casus.case.v1@//jp.test/recorder",
      "c3<c2~//jp.test/recorder%one:casus.case.v1@//jp.test/recorder",
    ],
  ])
  func `who revises anothers case does not become its owner`(revisions: [String]) {
    let a = bus.join("a")
    let recorder = bus.join("recorder", roles: [.recorder])
    #expect(publish(a, batch: 1, ["c1%one:casus.case.v1"]) == [])
    for (batch, revision) in revisions.enumerated() { #expect(publish(recorder, batch: batch + 1, [revision]) == []) }
    bus.prune(to: bus.journal[bus.journal.count - 1].stamp.sequence)
    bus.restart()
    let again = bus.join("a")
    #expect(publish(again, batch: 1, ["c4<c1%one:casus.case.v1"]) == [])
  }

  @Test func `a revision of its own keeps a name its publishers`() {
    let a = bus.join("a")
    _ = bus.join("b")
    #expect(publish(a, batch: 1, ["c1%one:casus.case.v1", "c2<c1%one:casus.case.v1"]) == [])
    bus.prune(to: bus.journal[bus.journal.count - 1].stamp.sequence)
    bus.restart()
    let b = bus.join("b")
    #expect(publish(b, batch: 1, ["c3%one:casus.case.v1@//jp.test/b"]) == ["foreign-revision /data/case"])
  }

  /// Where its beginning is not remembered, it may be another's, too.
  @Test func `who may revise others still revises its own when its first event is not remembered`() {
    let desk = bus.join("desk", roles: [.revise])
    _ = bus.join("b")
    #expect(
      publish(
        desk, batch: 1,
        ["c1%one:casus.case.v1@//jp.test/desk", "c2<c1~//jp.test/desk%one:casus.case.v1@//jp.test/desk"]) == [])
    bus.prune(to: bus.journal[bus.journal.count - 1].stamp.sequence)
    bus.restart()
    // Nobody is known to own the name, and so another agency's may take it.
    bus.enter(
      PluginEntry(
        identity: "us.other/x", agency: "us.other", nation: nil, key: "key-x", roles: [],
        publish: [TypePattern(">")!], subscribe: []))
    let other = bus.peer()
    bus.send(other, user: "key-x", .hello(Hello(identity: "us.other/x", program: "p", version: "1")))
    var frame: [UInt8] = []
    PublishBatchWriter.append(Array("c9%one:casus.case.v1@//us.other/x".utf8), to: &frame)
    bus.send(other, user: "key-x", .publish(Publish(batch: 1, count: 1)), batch: frame)
    bus.commit()
    #expect(bus.published(to: other).map(\.accepted) == [1])
    let again = bus.join("desk", roles: [.revise])
    #expect(publish(again, batch: 1, ["c3<c2~//jp.test/desk%one:casus.case.v1@//jp.test/desk"]) == [])
    let b = bus.join("b")
    #expect(publish(b, batch: 1, ["c8%one:casus.case.v1@//jp.test/b"]) == ["foreign-revision /data/case"])
  }

  @Test func `a name whose event was never kept is free`() {
    let a = bus.join("a")
    let b = bus.join("b")
    bus.publish(a, batch: 1, ["r1%one:casus.case.v1"])
    bus.failCommit()
    #expect(publish(b, batch: 1, ["r1%one:casus.case.v1@//jp.test/b"]) == [])
  }
}

/// What an event's marking keeps from readers is not told to them by what the bus says of it.
@Suite struct TextOfOthersTests {
  @Test func `what the bus tells of a red event is red`() throws {
    let bus = Bench()
    let a = bus.join("a", publish: ["t.one"])
    let b = bus.join("b")
    bus.publish(a, batch: 1, ["secret^red:t.two", "open:t.two", "!broken"])
    bus.subscribe(b, types: ["t.one"], name: "work", credit: 10, maxAttempts: 1)
    bus.publish(a, batch: 2, ["x^red", "y"])
    bus.commit()
    let sequences = bus.records[b, default: []].map(\.stamp.sequence)
    #expect(sequences.count == 2)
    bus.send(b, user: "key-b", .nack(Nack(subscription: 1, sequences: sequences, delay: 0, reason: "the plan is X")))
    bus.commit()
    bus.tick(milliseconds: 100)
    bus.commit()
    let told = bus.journal.filter { $0.type == "casus.bus.refused.v1" || $0.type == "casus.bus.quarantined.v1" }
    let red = told.filter { $0.stamp.flags.marking == .red }
    #expect(told.count == 5 && red.count == 2)
    #expect(told.allSatisfy { $0.stamp.flags.marking == .red || $0.stamp.flags.marking == .amber })
    #expect(red.contains { $0.text.contains("secret^red") } && red.contains { $0.text.contains("the plan is X") })
    // Its marking could not be read: nothing is repeated of it.
    #expect(told.contains { $0.text.contains("not-json") && $0.text.contains(WireErrorCode.notJSON.summary) })

    let low = bus.join("low", clearance: .green, roles: [.observer])
    bus.send(low, user: "key-low", .request(Request(id: 1, what: "quarantine", parameters: [:])))
    guard case .reply(let reply)? = bus.received[low]?.last else {
      Issue.record("no reply")
      return
    }
    let text = String(decoding: reply.result, as: UTF8.self)
    #expect(!text.contains("the plan is X") && text.contains("not shown: the event is marked RED"))
  }
}
