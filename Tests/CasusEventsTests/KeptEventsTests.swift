import CasusEvents
import Foundation
import TestSupport
import Testing

/// The samples as files, one event of each type, for what runs without this module: fuzzing and measuring.
@Suite struct KeptEventsTests {
  private static let folder = Checkout.root.appendingPathComponent("docs/events")

  /// To write them anew after a change of the vocabulary: `CASUS_KEEP_EVENTS=1 swift test --filter KeptEventsTests`.
  @Test
  func `the programs carry the kept events as examples`() throws {
    #expect(EventSchemas.examples.count == Samples.all.count)
    for (type, bytes) in EventSchemas.examples {
      #expect(try Array(Data(contentsOf: Self.folder.appending(path: "\(type).json"))) == bytes, "\(type)")
    }
  }

  @Test
  func `the events kept in docs/events are the samples`() throws {
    let renew = ProcessInfo.processInfo.environment["CASUS_KEEP_EVENTS"] != nil
    for payload in Samples.all {
      let file = Self.folder.appendingPathComponent("\(type(of: payload).type).json")
      let event = try SchemaTests.event(payload)
      if renew { try Data(event).write(to: file) }
      #expect(try Array(Data(contentsOf: file)) == event, "\(file.lastPathComponent)")
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.count == Samples.all.count)
  }
}
