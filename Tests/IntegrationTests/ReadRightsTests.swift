import CasusEvents
import CasusWire
import Foundation
import TestSupport
import Testing
import ZeroMQ

/// What a plugin may read depends on its clearance, whenever and however it reads.
@Suite(.blocking, .timeLimit(.minutes(15))) struct ReadRights {
  private static func registry(_ clearance: String) -> Registered {
    Registered(agencies: [
      "jp.test": [
        "a": .init(publish: ["casus.detection.v1"]),
        "reader": .init(subscribe: ["casus.detection.v1"], clearance: clearance),
      ]
    ])
  }

  private static let markings = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]

  private func publishOneOfEach(_ writer: RawClient, _ round: String) throws {
    try writer.publish(Self.markings.map { try detection("\(round) \($0)", tlp: $0) })
  }

  /// The ids that a reader has been sent when the last permitted one has come.
  private func read(_ reader: RawClient, until last: String) throws -> [String] {
    try reader.wait { $0.events.contains { $0.id == last } }
    return reader.events.map(\.id)
  }

  private func allowed(_ round: String, through marking: String) -> [String] {
    Self.markings.prefix(through: Self.markings.firstIndex(of: marking) ?? 0).map { "\(round) \($0)" }
  }

  @Test func `a plugin cleared to amber receives nothing stricter neither live nor from history nor durably`() throws {
    let broker = try RealBroker()
    try broker.adopt(Self.registry("AMBER"))
    let writer = try broker.join("a")
    try publishOneOfEach(writer, "past")
    let live = try broker.client("reader")
    #expect(try live.hello().clearance == "AMBER")
    try live.subscribe(["casus.detection.v1"], from: .earliest)
    try live.subscribe(["casus.detection.v1"], from: .earliest, name: "durable", number: 2)
    try publishOneOfEach(writer, "now")
    try live.wait { $0.events.filter { $0.id == "now AMBER" }.count == 2 }
    let wanted = (allowed("past", through: "AMBER") + allowed("now", through: "AMBER")).sorted()
    #expect(live.events.map(\.id).sorted() == (wanted + wanted).sorted())

    // Not acknowledged, not cleared any more: what is sent again is judged again.
    try broker.adopt(Self.registry("GREEN"))
    let again = try broker.client("reader")
    #expect(try again.hello().clearance == "GREEN")
    try again.subscribe(["casus.detection.v1"], from: .earliest, number: 1)
    try again.subscribe(["casus.detection.v1"], name: "durable", number: 2)
    try publishOneOfEach(writer, "later")
    try again.wait { $0.events.filter { $0.id == "later GREEN" }.count == 2 }
    #expect(again.events.allSatisfy { ($0.flags.marking ?? .red) <= .green }, "\(again.events.map(\.id))")
  }

  @Test func `a clearance that is lowered holds for the sessions that are open`() throws {
    let broker = try RealBroker()
    try broker.adopt(Self.registry("RED"))
    let writer = try broker.join("a")
    let reader = try broker.join("reader")
    try reader.subscribe(["casus.detection.v1"], from: .latest)
    try publishOneOfEach(writer, "before")
    #expect(try read(reader, until: "before RED") == allowed("before", through: "RED"))
    try broker.adopt(Self.registry("CLEAR"))
    try publishOneOfEach(writer, "after")
    try publishOneOfEach(writer, "end")
    #expect(
      try read(reader, until: "end CLEAR") == allowed("before", through: "RED") + ["after CLEAR", "end CLEAR"])
  }
}
