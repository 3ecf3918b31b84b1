import CasusEvents
import CasusWire
import Foundation
import Testing

@testable import CasusCore

/// What a person sees of the quarantines and does about them, however much is in them.
@Suite struct Quarantines {
  private struct Answer: Decodable {
    struct Entry: Decodable {
      var plugin: String
      var subscription: String
      var sequence: String
    }

    var count: Int
    var events: [Entry]
    var left: Int
    var next: String?

    var sequences: [UInt64] { events.compactMap { UInt64($0.sequence) } }
  }

  private let bus = Bench(TableOfConsequences.rich)

  /// A subscriber that has refused events of each of its subscriptions, the newest first.
  private func refused(
    _ count: Int, subscriptions: [String] = ["main"], of name: String = "b", keeping kept: Int = 0
  ) -> (peer: PeerID, sequences: [UInt64]) {
    let publisher = bus.join("a")
    let reader = bus.join(name)
    for (number, subscription) in subscriptions.enumerated() {
      bus.subscribe(reader, number: number, types: ["t.one"], name: subscription, credit: 100_000, maxAttempts: 1)
    }
    let first = bus.broker.durable + 1
    for part in stride(from: 0, to: count + kept, by: 500) {
      bus.publish(publisher, batch: part, (part..<min(count + kept, part + 500)).map { "e\(first)-\($0)" })
    }
    bus.commit()
    let sequences = Array(Set(bus.take(deliveriesTo: reader).map(\.stamp.sequence))).sorted()
    for number in subscriptions.indices { refuse(Array(sequences.dropFirst(kept)), number, reader, name) }
    return (reader, sequences)
  }

  private func refuse(_ sequences: [UInt64], _ number: Int, _ reader: PeerID, _ name: String = "b") {
    for part in stride(from: sequences.count, to: 0, by: -5_000) {
      let part = Array(sequences[max(0, part - 5_000)..<part].reversed())
      bus.send(reader, user: "key-\(name)", .nack(Nack(subscription: number, sequences: part)))
    }
  }

  private func ask(_ parameters: [String: String]) throws -> Answer {
    let person = bus.join("person", roles: [.operator])
    bus.send(person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: parameters)))
    let reply = bus.take(person) { if case .reply(let it) = $0 { it.result } else { nil } }
    return try JSONDecoder().decode(Answer.self, from: Data(try #require(reply.first)))
  }

  /// All answers to a question, page by page.
  private func pages(_ parameters: [String: String]) throws -> [Answer] {
    var parameters = parameters
    var pages: [Answer] = []
    repeat {
      pages.append(try ask(parameters))
      parameters["after"] = pages.last?.next
    } while parameters["after"] != nil
    return pages
  }

  @Test func `a list comes a page at a time and each event once`() throws {
    let (_, sequences) = refused(2_500, subscriptions: ["main", "other"])
    let whole = try pages([:])
    #expect(whole.map(\.count) == [1_000, 1_000, 1_000, 1_000, 1_000])
    #expect(whole.map(\.left) == [4_000, 3_000, 2_000, 1_000, 0])
    #expect(whole.flatMap(\.events).map(\.subscription) == (0..<5_000).map { $0 < 2_500 ? "main" : "other" })
    #expect(whole.flatMap(\.sequences) == sequences + sequences)
    let one = try pages(["subscription": "other", "limit": "700"])
    #expect(one.map(\.count) == [700, 700, 700, 400] && one.flatMap(\.sequences) == sequences)
    let single = try pages(["sequence": String(sequences[7]), "limit": "1"])
    #expect(single.flatMap(\.sequences) == [sequences[7], sequences[7]])
    #expect(try ask(["plugin": "jp.test/nobody"]).count == 0)
  }

  @Test func `what is tried again goes on from the page before`() throws {
    let (reader, sequences) = refused(2_500)
    var answers: [Answer] = []
    var parameters = ["action": "retry"]
    repeat {
      answers.append(try ask(parameters))
      parameters["after"] = answers.last?.next
      // It fails once more, and is not tried a third time.
      let again = bus.take(deliveriesTo: reader).map(\.stamp.sequence)
      #expect(again == answers.last?.sequences)
      refuse(again, 0, reader)
    } while parameters["after"] != nil
    #expect(answers.map(\.count) == [1_000, 1_000, 500] && answers.flatMap(\.sequences) == sequences)
    #expect(bus.report(of: "jp.test/b")?.quarantined == 2_500 && bus.quarantined(of: "jp.test/b") == 2_500)
    #expect(bus.ledgerBalances)
  }

  @Test func `what is tried again takes its place among the pending ones`() throws {
    let (reader, sequences) = refused(1_500, keeping: 1_500)
    // Every other one of those that are left is done with.
    let odd = sequences.prefix(1_500).enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    bus.send(reader, user: "key-b", .ack(Ack(subscription: 0, also: odd)))
    for page in 0..<2 { #expect(try ask(["action": "retry", "limit": "750"]).left == 750 - page * 750) }
    #expect(bus.take(deliveriesTo: reader).map(\.stamp.sequence) == Array(sequences.suffix(1_500)))
    #expect(bus.report(of: "jp.test/b")?.pending == 2_250)
    // A restart passes over what is done with, and over nothing else.
    bus.stop()
    bus.restart()
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "main", credit: 100_000)
    #expect(bus.take(deliveriesTo: again).map(\.stamp.sequence) == sequences.filter { !odd.contains($0) })
    #expect(bus.ledgerBalances)
  }

  @Test func `what is tried again before the subscriber is back matches once more`() throws {
    let (_, sequences) = refused(1_200, keeping: 3)
    bus.stop()
    bus.restart()
    #expect(try ask(["action": "retry", "limit": "500"]).sequences == Array(sequences[3..<503]))
    #expect(try ask(["action": "drop", "sequence": String(sequences[600])]).count == 1)
    #expect(try pages(["action": "retry"]).map(\.count) == [699])
    #expect(bus.ledgerBalances)
    let again = bus.join("b")
    bus.subscribe(again, types: ["t.one"], name: "main", credit: 100_000)
    #expect(bus.take(deliveriesTo: again).map(\.stamp.sequence) == sequences.filter { $0 != sequences[600] })
    #expect(bus.ledgerBalances && bus.quarantined(of: "jp.test/b") == 0)
  }

  @Test(arguments: [
    (["action": "burn"], "/parameters/action"), (["sequence": "x"], "/parameters/sequence"),
    (["action": "show"], "/parameters/sequence"), (["after": "jp.test/b"], "/parameters/after"),
    (["after": "jp.test/b#main#x"], "/parameters/after"), (["limit": "0"], "/parameters/limit"),
    (["limit": "1001"], "/parameters/limit"),
  ]) func `a wrong parameter is named`(parameters: [String: String], pointer: String) {
    let person = bus.join("person", roles: [.operator])
    bus.send(person, user: "key-person", .request(Request(id: 1, what: "quarantine", parameters: parameters)))
    let error = bus.errors(to: person).first?.error
    #expect(error?.code == .malformedControl && error?.pointer == pointer)
  }
}
