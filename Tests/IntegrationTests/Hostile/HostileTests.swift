import CasusCore
import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

@testable import CasusServer

/// Hostile peers against a real `casusd`: each act has the outcome that its table says, and after each one the honest pair is
/// served, nothing of it is in the journal that may not be, the process lives and its memory is bounded.
@Suite(.blocking, .timeLimit(.minutes(15)), .serialized) struct Hostile {
  @Test func `every hostile act has its outcome and harms nobody else`() throws {
    let arena = try Arena()
    let start = Date()
    let silent = try HandshakeRows.silent.map {
      (name: $0.name, tcp: try RawTCP(arena.broker.endpoint), bytes: $0.bytes)
    }
    for row in silent { row.tcp.send(row.bytes) }
    let loris = SlowLoris(try RawTCP(arena.broker.endpoint))
    let halfOpen = try (0..<200).map { _ in try RawTCP(arena.broker.endpoint) }

    var rows = 0
    for (group, isStranger) in [
      (HandshakeRows.all, true), (CurveRows.all, false), (FrameRows.all, false), (FloodRows.all, false),
    ] {
      for row in group where Self.only.map({ row.name.contains($0) }) ?? true {
        try perform(row, in: arena, isStranger: isStranger)
        loris.goOn()
        rows += 1
      }
    }

    for row in silent {
      #expect(row.tcp.isHungUp(), "\(row.name): still open")
      rows += 1
    }
    #expect(loris.isHungUp(), "a byte at a time: still open")
    #expect(halfOpen.allSatisfy { $0.isHungUp() }, "200 half-open connections: some still open")
    rows += 2
    try arena.serveHonestOnes()
    print(
      "hostile: \(rows) acts in \(Int(Date().timeIntervalSince(start) * 1000)) ms; the broker's memory was at most "
        + "\(arena.memory("VmHWM:") >> 10) MiB")
  }

  /// To look at one act alone: CASUS_HOSTILE_ONLY is a part of its name, CASUS_HOSTILE_TRACE prints each.
  private static let only = ProcessInfo.processInfo.environment["CASUS_HOSTILE_ONLY"]

  private func perform(_ row: HostileRow, in arena: Arena, isStranger: Bool) throws {
    let start = Date()
    let outcome = try row.act(arena)
    #expect(outcome == row.expected, "\(row.name)")
    try arena.serveHonestOnes()
    let news = arena.takeNews()
    #expect(news.hostile.count == row.kept, "\(row.name): reached the journal: \(news.hostile.map(\.id))")
    // Whoever is not let in is nobody the bus could speak of.
    if isStranger {
      #expect(
        news.bus.isEmpty || row.kept > 0, "\(row.name): \(news.bus.map { String(decoding: $0.bytes, as: UTF8.self) })")
    }
    for event in news.bus {
      let error = arena.schemas.refusal(of: event.bytes)
      #expect(error == nil, "\(row.name): the bus's own event: \(String(decoding: event.bytes, as: UTF8.self))")
    }
    let memory = arena.memory("VmHWM:")
    #expect(memory < Arena.mostMemory, "\(row.name): the broker has \(memory) KiB")
    #expect(arena.broker.process.exit == nil, "\(row.name): the broker has ended: \(arena.broker.process.printed)")
    if ProcessInfo.processInfo.environment["CASUS_HOSTILE_TRACE"] != nil {
      print("\(row.name): \(outcome), \(Int(Date().timeIntervalSince(start) * 1000)) ms, \(memory) KiB")
    }
  }
}

/// The schemas of the bus's own events, each compiled once.
struct BusSchemas {
  private var inspector = SchemaInspector(limits: Limits())
  private var numbers: [String: UInt16] = [:]

  init() throws {
    for (number, schema) in EventSchemas.all.filter({ $0.type.hasPrefix("casus.bus.") }).enumerated() {
      inspector.adopt(try SchemaEdition(schema.bytes, of: schema.type, origin: "program"), for: UInt16(number))
      numbers[schema.type] = UInt16(number)
    }
  }

  /// What is wrong with an event; nil when nothing is.
  mutating func refusal(of event: [UInt8]) -> WireError? {
    event.withUnsafeBytes { bytes in
      do throws(WireError) {
        let facts = try inspector.open(bytes)
        guard let number = numbers[String(decoding: facts.type, as: UTF8.self)] else { throw WireError(.unknownType) }
        try inspector.validate(type: number, name: facts.type)
        return nil
      } catch {
        return error
      }
    }
  }
}

/// Sends its greeting a byte at a time.
private final class SlowLoris {
  private let tcp: RawTCP
  private var rest = ZMTP.greeting("CURVE")[...]

  init(_ tcp: RawTCP) { self.tcp = tcp }

  func goOn() { if let byte = rest.popFirst() { tcp.send([byte]) } }

  func isHungUp() -> Bool { tcp.isHungUp() }
}
