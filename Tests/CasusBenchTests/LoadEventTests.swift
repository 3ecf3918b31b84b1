import CasusEvents
import IJSON
import JSONSchema
import Testing

@testable import CasusBench

/// What `casus bench` publishes, and what it says of it.
@Suite("The benchmark") struct LoadEventTests {
  private func event(_ size: Int, number: UInt64 = 7, due: UInt64 = 123) -> [UInt8] {
    let load = LoadEvent(source: "//bench/p1", size: size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      load.write(number, due: due, into: UnsafeMutableRawBufferPointer(buffer))
      count = size
    }
  }

  @Test(arguments: [LoadEvent.smallest, 512, 4096, 65_536])
  func `publishes events of the exact size that keep their schema`(size: Int) throws {
    let schema = try CompiledSchema.compile(
      Array(LoadEvent.schema.utf8), documents: EventSchemas.documents, assertFormats: true)
    let parser = JSONParser(limits: JSONLimits(maxBytes: 1 << 20, maxDepth: 32))
    for number: UInt64 in [0, 511, 512, 999_999_999_999] {
      let bytes = event(size, number: number)
      #expect(bytes.count == size)
      let failure = try bytes.withUnsafeBytes { schema.validate(try parser.parse($0)) }
      #expect(failure == nil)
    }
  }

  @Test
  func `reads back the number and the moment of an event`() {
    let found = event(512, number: 123_456, due: 17_436_031_577_050).withUnsafeBytes { LoadEvent.read($0) }
    #expect(found?.number == 123_456)
    #expect(found?.time == 17_436_031_577_050)
    let other = [UInt8](repeating: UInt8(ascii: "x"), count: 512)
    let none = other.withUnsafeBytes { LoadEvent.read($0) }
    #expect(none == nil)
  }

  @Test
  func `gives each event of a batch other bytes under its own id`() {
    #expect(event(512, number: 1) != event(512, number: 2))
    #expect(event(512, number: 1) == event(512, number: 1))
  }

  @Test
  func `refuses a plan that cannot be carried out, with the reason`() {
    #expect(BenchPlan().problem == nil)
    for wrong: (inout BenchPlan) -> Void in [
      { $0.publishers = 0 }, { $0.subscribers = 65 }, { $0.size = 100 }, { $0.size = 65_537 }, { $0.batch = 0 },
      { $0.rate = -1 }, { $0.inFlight = 0 }, { $0.duration = 0 }, { $0.duration = .nan },
    ] {
      var plan = BenchPlan()
      wrong(&plan)
      #expect(plan.problem != nil)
    }
    var large = BenchPlan()
    large.size = 65_536
    large.batch = 1024
    #expect(large.fittingBatch == 3)
  }

  @Test
  func `writes figures with three digits that count`() {
    #expect(BenchReport.figure(0.0123) == "0.012")
    #expect(BenchReport.figure(1.5) == "1.50")
    #expect(BenchReport.figure(12.34) == "12.3")
    #expect(BenchReport.figure(123_456) == "123,456")
    #expect(BenchReport.figure(9.999) == "10.00")
  }
}
