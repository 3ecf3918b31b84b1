import CasusEvents
import IJSON
import Synchronization

/// The marked events that a bus has handed out, and those that it was given to publish, so that what names them carries their marks
/// on.
///
/// Thread-safe. Of the last 50,000 to 100,000 of them, 24 bytes each; on a bus where nothing is marked it costs nothing. What it
/// has forgotten the broker may know still: then it refuses what does not say that it is an exercise's.
final class Heritage: Sendable {
  private struct Known {
    var newer: [Int: StampFlags] = [:]
    var older: [Int: StampFlags] = [:]
  }

  private static let most = 50_000

  private let known = Mutex(Known())
  /// The marks that any of them has, as `StampFlags`.
  private let all = Atomic<UInt16>(0)

  /// An event is handed out.
  func note(_ event: RecordedEvent) {
    note(event.stamp.flags.marks, event.envelope.source.utf8, event.envelope.id.utf8)
  }

  private func note(_ marks: StampFlags, _ source: some Sequence<UInt8>, _ id: some Sequence<UInt8>) {
    guard !marks.isEmpty else { return }
    let key = Self.key(source, id)
    known.withLock { known in
      known.newer[key, default: []].formUnion(marks)
      guard known.newer.count >= Self.most else { return }
      known.older = known.newer
      known.newer = [:]
    }
    all.bitwiseOr(marks.rawValue, ordering: .releasing)
  }

  // MARK: Drafts

  /// A draft takes over the marks of what it follows from and of what it names; what names it does the same, before anybody has
  /// read it.
  func passOn(_ marks: StampFlags = [], to draft: inout Draft, source: String) {
    draft.inherit(marks)
    draft.inherit(named(by: draft))
    if let id = draft.id { note(draft.marks, source.utf8, id.utf8) }
  }

  private func named(by draft: Draft) -> StampFlags {
    // One that cannot be written is told when it is to be sent.
    guard knowsMore(than: draft.marks), let data = try? canonicalJSON(draft.data),
      data.withUnsafeBytes(\.mayHoldReferences),
      let document = try? JSONDocument(data, limits: Self.limits(data, numbers: .binary64))
    else { return [] }
    return document.read { named(by: $0) }
  }

  /// Whether any of the known events has a mark that is not among these.
  private func knowsMore(than marks: StampFlags) -> Bool {
    let all = StampFlags(rawValue: all.load(ordering: .acquiring))
    return all.contains(.exercise) && !marks.contains(.exercise) || all.isReplay && !marks.isReplay
  }

  private func named(by data: JSONValue) -> StampFlags {
    var keys: [Int] = []
    data.forEachReference { keys.append(Self.key($0.source, $0.id)) }
    guard !keys.isEmpty else { return [] }
    return known.withLock { known in
      keys.reduce(into: []) { marks, key in marks.formUnion(known.newer[key] ?? known.older[key] ?? []) }
    }
  }

  // MARK: Encoded events

  /// The same with an event that is encoded already: its bytes, with `exercise` set where it names an exercise's, and whether it
  /// descends from a replay. Bytes that carry all they have to stay as they are.
  func passOn(to event: [UInt8]) -> (event: [UInt8], descends: Bool) {
    let mayInherit = knowsMore(than: []) && event.withUnsafeBytes(\.mayHoldReferences)
    // What is no event the broker refuses, with the place.
    guard mayInherit || event.withUnsafeBytes(\.mayHoldExercise),
      let document = try? JSONDocument(event, limits: Self.limits(event))
    else { return (event, false) }
    return document.read { root in
      guard root.kind == .object, let source = root["source"]?.utf8, let id = root["id"]?.utf8 else {
        return (event, false)
      }
      let isExercise = root["exercise"]?.bool == true
      var marks = mayInherit ? root["data"].map { named(by: $0) } ?? [] : []
      if isExercise { marks.insert(.exercise) }
      note(marks, source, id)
      return (marks.contains(.exercise) && !isExercise ? Self.exercise(root) : event, marks.isReplay)
    }
  }

  private static func exercise(_ event: JSONValue) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      event.forEachMember { name, value in
        guard EnvelopeAttribute(name) != .exercise else { return }
        json.name(dynamic: String(decoding: name, as: UTF8.self))
        json.value(value)
      }
      json.bool("exercise", true)
    }
    return json.bytes
  }

  // MARK: Bytes

  private static func limits(_ bytes: [UInt8], numbers: JSONLimits.NumberRule = .interoperable) -> JSONLimits {
    JSONLimits(maxBytes: max(1, bytes.count), maxDepth: 64, numbers: numbers)
  }

  /// Seeded anew in each process: nobody can aim at another's.
  private static func key(_ source: some Sequence<UInt8>, _ id: some Sequence<UInt8>) -> Int {
    var hasher = Hasher()
    for byte in source { hasher.combine(byte) }
    hasher.combine(UInt16.max)
    for byte in id { hasher.combine(byte) }
    return hasher.finalize()
  }
}
