import CasusEvents
public import CasusPlugin
import FoundationEssentials

/// What became of a capture.
public struct CaptureReport: Hashable, Sendable {
  public var events: UInt64 = 0
  /// 0 when there was no event.
  public var first: UInt64 = 0
  public var last: UInt64 = 0
}

extension Capture {
  /// Writes what a subscription gives until it ends or the task is cancelled, then closes the file.
  ///
  /// The schemas are asked of the broker. What was written is made readable every 1,000 events, should the process die.
  /// - Throws: `CaptureError`, `BusError`. A cancelled task is no error: the report says how far it came.
  public static func run(
    to path: String, _ description: CaptureDescription, _ subscription: Subscription, on bus: Bus
  ) async throws -> CaptureReport {
    let known = Dictionary(EventSchemas.all.map { ($0.type, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    let schemas = SchemaTable(known)
    let capture = try Capture(creating: path, description) { schemas[$0.rawValue] }
    var report = CaptureReport()
    let stream = try await bus.subscribe(subscription)
    do {
      for try await event in stream {
        let type = event.envelope.type.rawValue
        if !schemas.asked(type) { schemas[type] = try? await schema(of: type, bus) }
        try capture.append(CapturedEvent(event))
        if report.events == 0 { report.first = event.stamp.sequence }
        report.events += 1
        report.last = event.stamp.sequence
        if report.events % 1000 == 0 { try capture.flush() }
      }
    } catch is CancellationError {}
    try capture.finish()
    return report
  }

  private static func schema(of type: String, _ bus: Bus) async throws -> [UInt8] {
    struct Answer: Decodable { var schema: String }
    let bytes = try await bus.request("schema", ["type": type])
    return Array(try readJSON(Answer.self, bytes).schema.utf8)
  }
}

/// Schemas by type: the broker's own where it gives one, else those that this program carries. One task at a time.
private final class SchemaTable {
  private var schemas: [String: [UInt8]]
  private var known: Set<String> = []

  init(_ schemas: [String: [UInt8]]) { self.schemas = schemas }

  func asked(_ type: String) -> Bool { !known.insert(type).inserted }

  subscript(type: String) -> [UInt8]? {
    get { schemas[type] }
    set { if let newValue { schemas[type] = newValue } }
  }
}
