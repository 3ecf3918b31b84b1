import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

@Suite struct Publishing {
  @Test func `an event is acknowledged only after its commit`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, ["x"])
    #expect(bus.published(to: peer).isEmpty)
    bus.commit()
    #expect(bus.published(to: peer).map(\.accepted) == [1])
  }

  @Test func `a batchs accepted events have sequences without a gap`() throws {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["x", "!bad", "y", "!bad", "z"])
    bus.commit()
    let published = try #require(bus.published(to: peer).first)
    #expect(published.accepted == 3)
    #expect(published.refused.map(\.index) == [1, 3])
    let first = Int(published.first) - 1
    #expect(bus.journal[first..<first + 3].map(\.text) == ["x", "y", "z"])
  }

  @Test func `a repeat gets the same sequence and a reused id is refused`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, ["x"])
    bus.commit()
    let sequence = bus.published(to: peer)[0].first
    bus.publish(peer, batch: 2, ["x", "x=other"])
    let again = bus.published(to: peer)[0]
    #expect(again.duplicates == [.init(index: 0, sequence: sequence)])
    #expect(again.refused.map(\.error.code) == [.idReused])
  }

  @Test func `a repeat of an uncommitted event waits for the commit`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, ["x"])
    bus.publish(peer, batch: 2, ["x"])
    #expect(bus.published(to: peer).isEmpty)
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == [1, 2])
  }

  @Test func `a repeat that arrives during the commit is answered with it`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["x"])
    bus.seal()
    bus.publish(peer, batch: 2, ["x"])
    let isStaged = bus.wantsCommit
    #expect(!isStaged)
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == [1, 2])
  }

  @Test func `after a failed commit nothing is kept and the same events are accepted later`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    let before = bus.journal.count
    bus.publish(peer, batch: 1, ["x"])
    bus.seal()
    bus.publish(peer, batch: 2, ["y"])
    bus.failCommit()
    #expect(bus.errors(to: peer).map(\.error.code) == [.diskFull, .diskFull])
    #expect(bus.journal.count == before)
    // What is behind the first one refused has to wait for it, or the publisher's order would be lost.
    bus.publish(peer, batch: 3, ["z"])
    #expect(bus.errors(to: peer).map(\.error.code) == [.diskFull])
    bus.publish(peer, batch: 1, ["x", "y"])
    bus.commit()
    let published = bus.published(to: peer)[0]
    #expect(published.accepted == 2)
    #expect(published.duplicates.isEmpty)
    #expect(published.first == UInt64(before + 1))
  }

  @Test func `a foreign source and a forbidden type are refused`() {
    let bus = Bench()
    let peer = bus.join("a", publish: ["t.one"])
    bus.publish(peer, batch: 1, ["x@//jp.test/b", "y:t.two", "z:t.unknown"])
    #expect(bus.published(to: peer)[0].refused.map(\.error.code) == [.sourceForeign, .typeNotPermitted, .unknownType])
  }

  @Test func `a window that is full is told and nothing is kept`() {
    var options = BrokerOptions()
    options.limits.eventBytes = 36
    options.limits.batchBytes = 40
    options.limits.windowBytes = 40
    let bus = Bench(options)
    let peer = bus.join("a")
    bus.commit()
    bus.publish(peer, batch: 1, ["one"])
    bus.publish(peer, batch: 2, [String(repeating: "x", count: 30)])
    #expect(bus.errors(to: peer).map(\.error.code) == [.windowExceeded])
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == [1])
  }

  /// What is counted is what messages take of memory: both ends count alike.
  @Test func `many small batches fill a window as their client counts them`() {
    var options = BrokerOptions()
    options.limits.eventBytes = 1_020
    options.limits.batchBytes = 1_024
    options.limits.windowBytes = 10 * Publish.windowCost(4 + 3)
    let bus = Bench(options)
    let peer = bus.join("a")
    bus.commit()
    for batch in 1...11 { bus.publish(peer, batch: batch, ["\(batch + 100)"]) }
    #expect(bus.errors(to: peer).map(\.number) == [11])
    bus.commit()
    #expect(bus.published(to: peer).map(\.batch) == Array(1...10))
    for batch in 11...20 { bus.publish(peer, batch: batch, ["\(batch + 100)"]) }
    #expect(bus.errors(to: peer) == [])
  }

  @Test func `what the bus has still to tell of itself is written when it stops`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.commit()
    let before = bus.journal.count
    bus.publish(peer, batch: 1, ["!bad"])
    bus.failCommit()
    bus.stop()
    #expect(bus.journal.dropFirst(before).map(\.type) == ["casus.bus.refused.v1"])
  }

  @Test func `refusals that were only counted are told when the bus stops`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, Array(repeating: "!bad", count: 500))
    bus.stop()
    let told = bus.journal.filter { $0.type == "casus.bus.refused.v1" }
    #expect(told.count == Act.event.terms.burst + 1)
  }

  @Test func `a flood of refusals is told together and counted in full`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, Array(repeating: "!bad", count: 500))
    bus.commit()
    #expect(bus.broker.plugins["jp.test/a"]?.refusedCount == 500)
    let told = bus.journal.filter { $0.type == "casus.bus.refused.v1" }.count
    #expect(told == Act.event.terms.burst)
    bus.tick(milliseconds: 100)
    bus.commit()
    #expect(bus.journal.filter { $0.type == "casus.bus.refused.v1" }.count == told + 1)
  }
}

@Suite struct Sessions {
  @Test func `nothing is done before hello`() {
    let bus = Bench()
    let peer = bus.connect("a")
    bus.publish(peer, batch: 1, ["x"])
    #expect(bus.errors(to: peer).map(\.error.code) == [.noSession])
  }

  @Test func `an unregistered key is nobody`() {
    let bus = Bench()
    let peer = bus.peer()
    bus.send(peer, user: "unknown", .ping(Ping()))
    #expect(bus.errors(to: peer).map(\.error.code) == [.unauthenticated])
    bus.send(peer, user: nil, .ping(Ping()))
    #expect(bus.errors(to: peer).map(\.error.code) == [.unauthenticated])
  }

  @Test func `a hello under another name is refused`() {
    let bus = Bench()
    let peer = bus.connect("a")
    bus.send(peer, user: "key-a", .hello(Hello(identity: "jp.test/b", program: "p", version: "1")))
    #expect(bus.errors(to: peer).map(\.error.code) == [.identityMismatch])
  }

  @Test func `another key on the same connection ends the session`() {
    let bus = Bench()
    let peer = bus.join("a")
    _ = bus.connect("b")
    bus.send(peer, user: "key-b", .ping(Ping()))
    #expect(bus.errors(to: peer).map(\.error.code) == [.keyRevoked])
    bus.publish(peer, batch: 1, ["x"])
    #expect(bus.errors(to: peer).map(\.error.code) == [.noSession])
  }

  @Test func `a newer session of the same identity takes the place`() {
    let bus = Bench()
    let older = bus.join("a")
    let newer = bus.join("a")
    #expect(bus.errors(to: older).map(\.error.code) == [.superseded])
    bus.publish(newer, batch: 1, ["x"])
    bus.commit()
    #expect(bus.published(to: newer).count == 1)
  }

  @Test func `a session that begins anew on its connection is told nothing of the old ones batches`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.publish(peer, batch: 1, ["x"])
    bus.send(peer, user: "key-a", .hello(Hello(identity: "jp.test/a", program: "p", version: "1")))
    bus.commit()
    #expect(bus.published(to: peer).isEmpty)
    // It is told of what it sends again, and nothing is lost or there twice.
    bus.publish(peer, batch: 1, ["x", "y"])
    bus.commit()
    #expect(bus.published(to: peer).map(\.duplicates.count) == [1])
    #expect(bus.journal.filter { ["x", "y"].contains($0.text) }.map(\.text) == ["x", "y"])
  }

  @Test func `a removed keys session ends at once`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.remove("a")
    #expect(bus.errors(to: peer).map(\.error.code) == [.keyRevoked])
    #expect(bus.broker.sessionCount == 0)
  }

  @Test func `who says nothing for three heartbeats is gone`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.tick(milliseconds: bus.broker.options.heartbeat * 3)
    #expect(bus.broker.sessionCount == 1)
    bus.tick(milliseconds: 1)
    #expect(bus.broker.sessionCount == 0)
    _ = peer
  }

  @Test func `a client that sends a brokers command is refused`() {
    let bus = Bench()
    let peer = bus.join("a")
    bus.sendRaw(peer, user: "key-a", #"{"op":"published","batch":1,"durability":"disk","accepted":1}"#)
    #expect(bus.errors(to: peer).map(\.error.code) == [.unknownCommand])
  }
}

@Suite struct Delivering {
  @Test func `credit bounds what is sent`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], credit: 2)
    bus.publish(publisher, batch: 1, ["1", "2", "3", "4"])
    bus.commit()
    #expect(bus.delivered(to: subscriber) == ["1", "2"])
    bus.send(subscriber, user: "key-b", .credit(Credit(subscription: 1, events: 5, bytes: 1000)))
    #expect(bus.delivered(to: subscriber) == ["3", "4"])
  }

  @Test func `only what matches is sent and progress tells the rest`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.commit()
    bus.subscribe(subscriber, types: ["t.two"], credit: 100, progress: true)
    bus.publish(publisher, batch: 1, ["1", "2:t.two", "3"])
    bus.commit()
    #expect(bus.delivered(to: subscriber) == ["2"])
    #expect(bus.progress(to: subscriber).last == bus.broker.durable)
  }

  @Test func `what is out of memory is read from the journal in order`() {
    var options = BrokerOptions()
    options.limits.tailBytes = 1
    let bus = Bench(options)
    let publisher = bus.join("a")
    for number in 0..<50 {
      bus.publish(publisher, batch: number, ["\(number)"])
      bus.commit()
    }
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], from: .earliest, credit: 1000)
    #expect(bus.delivered(to: subscriber) == (0..<50).map(String.init))
  }

  @Test func `an event that is not acknowledged in time is sent again and then quarantined`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 100, ackWait: 1000, maxAttempts: 2)
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    #expect(bus.delivered(to: subscriber) == ["x"])
    bus.tick(milliseconds: 1000)
    #expect(bus.delivered(to: subscriber) == ["x"])
    bus.tick(milliseconds: 1000)
    bus.commit()
    #expect(bus.delivered(to: subscriber).isEmpty)
    #expect(bus.journal.contains { $0.type == "casus.bus.quarantined.v1" })
    #expect(bus.ledgerBalances)
    let person = bus.join("person", roles: [.operator])
    bus.send(
      person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: ["action": "retry"])))
    #expect(bus.delivered(to: subscriber) == ["x"])
    #expect(bus.ledgerBalances)
    bus.tick(milliseconds: 1000)
    bus.tick(milliseconds: 1000)
    #expect(bus.delivered(to: subscriber) == ["x"])
    bus.send(
      person, user: "key-person", .request(Request(id: 2, what: "quarantine", parameters: ["action": "drop"])))
    #expect(bus.broker.subscriptionReports.map(\.dropped) == [1])
    #expect(bus.ledgerBalances)
  }

  @Test func `only people with the role change the quarantine or see the status`() {
    let bus = Bench()
    let plugin = bus.join("a")
    let observer = bus.join("b", roles: [.observer])
    for what in ["status", "quarantine"] {
      bus.send(plugin, user: "key-a", .request(Request(id: 1, what: what)))
      #expect(bus.errors(to: plugin).map(\.error.code) == [.roleRequired])
      bus.send(observer, user: "key-b", .request(Request(id: 1, what: what)))
      #expect(bus.errors(to: observer).isEmpty)
    }
    bus.send(observer, user: "key-b", .request(Request(id: 1, what: "quarantine", parameters: ["action": "drop"])))
    #expect(bus.errors(to: observer).map(\.error.code) == [.roleRequired])
    bus.commit()
    #expect(bus.journal.filter { $0.type == "casus.bus.refused.v1" }.count == 3)
  }

  @Test func `a durable subscription goes on where it was`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let first = bus.join("b")
    bus.subscribe(first, types: ["t.one"], name: "work", credit: 3)
    bus.publish(publisher, batch: 1, ["1", "2", "3", "4"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: first)
    bus.send(first, user: "key-b", .ack(Ack(subscription: 1, through: sequences[0])))
    bus.send(first, user: "key-b", .ack(Ack(subscription: 1, also: [sequences[2]])))
    let second = bus.join("b")
    bus.subscribe(second, types: ["t.one"], name: "work", credit: 10)
    #expect(bus.delivered(to: second) == ["2", "4"])
    #expect(bus.ledgerBalances)
  }

  @Test func `positions survive a restart of the broker`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10)
    bus.publish(publisher, batch: 1, ["1", "2", "3"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: subscriber)
    bus.send(subscriber, user: "key-b", .ack(Ack(subscription: 1, through: sequences[0], also: [sequences[2]])))
    bus.tick(milliseconds: 100)
    bus.keepPositions()
    bus.restart()
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 10)
    #expect(bus.delivered(to: again) == ["2"])
  }

  @Test func `what was quarantined before a restart still balances when it is dropped`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10, ackWait: 1000, maxAttempts: 1)
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    bus.tick(milliseconds: 1000)
    bus.keepPositions()
    bus.restart()
    let person = bus.join("person", roles: [.operator])
    bus.send(
      person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: ["action": "drop"])))
    let report = bus.broker.subscriptionReports.first
    #expect(report?.quarantined == 0)
    #expect(report?.dropped == 1)
    #expect(report?.matched == 1)
    #expect(bus.ledgerBalances)
  }

  @Test func `a subscription that was confirmed is found again after a crash`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 0)
    bus.publish(publisher, batch: 1, ["1", "2"])
    bus.commit()
    bus.restart()
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 10)
    #expect(bus.delivered(to: again) == ["1", "2"])
  }

  @Test func `what a repair wrote off is left out and the rest comes`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 2)
    bus.publish(publisher, batch: 1, (1...9).map(String.init))
    bus.commit()
    let sequences = bus.deliveredSequences(to: subscriber)
    #expect(bus.delivered(to: subscriber) == ["1", "2"])
    bus.tick(milliseconds: 100)
    bus.keepPositions()
    bus.restart()
    bus.lost = Set((sequences[1]...sequences[1] + 4))
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "work", credit: 100)
    #expect(bus.delivered(to: again) == ["1", "7", "8", "9"])
    #expect(bus.ledgerBalances)
  }

  @Test func `a nack is sent again after its delay`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10)
    bus.publish(publisher, batch: 1, ["x"])
    bus.commit()
    let sequence = bus.deliveredSequences(to: subscriber)[0]
    #expect(bus.delivered(to: subscriber) == ["x"])
    bus.send(subscriber, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequence], delay: 500)))
    bus.tick(milliseconds: 400)
    #expect(bus.delivered(to: subscriber).isEmpty)
    bus.tick(milliseconds: 100)
    #expect(bus.delivered(to: subscriber) == ["x"])
  }

  @Test func `an acknowledgement of all before does not mean one that waits to be sent again`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let subscriber = bus.join("b")
    bus.subscribe(subscriber, types: ["t.one"], name: "work", credit: 10)
    bus.publish(publisher, batch: 1, ["1", "2"])
    bus.commit()
    let sequences = bus.deliveredSequences(to: subscriber)
    _ = bus.delivered(to: subscriber)
    bus.send(subscriber, user: "key-b", .nack(Nack(subscription: 1, sequences: [sequences[0]], delay: 500)))
    bus.send(subscriber, user: "key-b", .ack(Ack(subscription: 1, through: sequences[1])))
    bus.tick(milliseconds: 500)
    #expect(bus.delivered(to: subscriber) == ["1"])
    // Nor one that was: it may be on its way still.
    bus.send(subscriber, user: "key-b", .ack(Ack(subscription: 1, through: sequences[1])))
    #expect(bus.broker.subscriptionReports.map(\.pending) == [1])
    bus.send(subscriber, user: "key-b", .ack(Ack(subscription: 1, also: [sequences[0]])))
    #expect(bus.broker.subscriptionReports.map(\.pending) == [0])
  }

  @Test func `who is cleared to amber never receives red`() {
    let bus = Bench()
    let publisher = bus.join("a")
    let cleared = bus.join("b")
    let amber = bus.join("c", clearance: .amber)
    bus.subscribe(cleared, types: ["t.one"], from: .earliest, credit: 10)
    bus.subscribe(amber, types: ["t.one"], from: .earliest, name: "work", credit: 10)
    bus.publish(publisher, batch: 1, ["1", "2^red", "3"])
    bus.commit()
    #expect(bus.delivered(to: cleared) == ["1", "2^red", "3"])
    #expect(bus.delivered(to: amber) == ["1", "3"])
  }

  @Test func `what is not permitted is not subscribed`() {
    let bus = Bench()
    let peer = bus.join("a", subscribe: ["t.one"])
    bus.subscribe(peer, types: ["t.one", "t.*"], credit: 1)
    let error = bus.errors(to: peer)[0]
    #expect(error.error.code == .subscriptionNotPermitted)
    #expect(error.error.pointer == "/types/1")
  }
}
