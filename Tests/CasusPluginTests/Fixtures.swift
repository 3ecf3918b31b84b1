import CasusEvents
import CasusTestKit
import Foundation
import Logging
import Synchronization

@testable import CasusPlugin

/// An event as the bus carries it, small and valid in its envelope.
func event(_ id: String, type: String = "casus.detection.v1") -> [UInt8] {
  Array(
    """
    {"data":{},"datacontenttype":"application/json","exercise":true,"id":"\(id)","source":"//xx.exercise/source",\
    "specversion":"1.0","tlp":"GREEN","type":"\(type)"}
    """.utf8)
}

func encoded(_ events: [[UInt8]]) throws(BusError) -> EncodedEvents {
  var encoded = EncodedEvents()
  for event in events { try encoded.append(event) }
  return encoded
}

func events(_ sequences: ClosedRange<UInt64>, flags: StampFlags = []) -> [FakeBroker.Event] {
  sequences.map { FakeBroker.Event(sequence: $0, bytes: event("e-\($0)"), flags: flags) }
}

extension FakeBroker {
  /// A connection for a plugin with a key of its own, which is let in.
  func connection(patience: Duration? = nil, allowed: Bool = true, subscribes: [String] = []) throws -> Connection {
    try connection(
      Manifest(
        program: "tester", version: "1.2.3", summary: "EXERCISE", publishes: [.detection], subscribes: subscribes),
      as: "xx.exercise/tester", patience: patience, allowed: allowed)
  }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Values that tasks of a test leave, in order.
final class Collected<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  func add(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }

  /// True as soon as the condition holds, false when it does not within the bound, which is only there so that a fault ends.
  func waits(until condition: ([Value]) -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(100)
    while ContinuousClock.now < deadline {
      if condition(all) { return true }
      try await Task.sleep(for: .milliseconds(2))
    }
    return condition(all)
  }
}

/// A payload of the tests' own.
struct Note: Payload {
  static let type = EventType("xx.exercise.note.v1")
  var text: String
}

/// What the body throws, when it is a BusError.
func busError(_ body: () async throws -> Void) async -> BusError? {
  do { try await body() } catch { return error as? BusError }
  return nil
}
