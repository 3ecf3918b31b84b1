internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import MCAP

/// Positions, quarantined events and the publishers' books as values of the log `positions.log` in the journal's folder.
///
///     kind 1   name: the subscription   its position, as JSON
///     kind 2   name: the subscription   number: the sequence
///              i64 time | u32 attempts | u32 length, type | u32 length, reason | u32 length, TLP: an event in its quarantine
///     kind 3   no name                  the publishers' books, as JSON
///
/// One thread at a time; after the start that is the keeper's.
final class PositionLog: @unchecked Sendable {
  private enum Kind {
    static let position: UInt8 = 1
    static let quarantined: UInt8 = 2
    static let books: UInt8 = 3
  }

  private let log: ValueLog
  /// When each event of a subscription came to quarantine: what stands in the log.
  private var quarantine: [String: [UInt64: Timestamp]] = [:]

  /// What stood in the log when it was opened.
  struct Found {
    var cursors: [CursorRecord] = []
    var books: PublisherBooks?
    /// For the operator: what cannot be read, what was cut off.
    var notes: [String] = []
  }

  init(_ log: ValueLog) { self.log = log }

  convenience init(in journal: FileJournal) throws(JournalError) {
    self.init(try ValueLog(in: journal, name: ValueLog.positions))
  }

  /// Bytes written since the start.
  var written: UInt64 { log.written }

  /// To be called once, before the first `write`.
  func load() throws(JournalError) -> Found {
    var found = Found(notes: log.recovery.map { [$0] } ?? [])
    var cursors: [String: CursorRecord] = [:]
    var entries: [String: [QuarantinedEvent]] = [:]
    try log.readAll { (key, bytes) throws(JournalError) in
      switch key.kind {
      case Kind.position:
        cursors[key.name] = Self.decode(CursorRecord.self, bytes)
        if cursors[key.name] == nil {
          found.notes.append("the position of \(key.name) cannot be read; the subscription starts anew")
        }
      case Kind.quarantined:
        quarantine[key.name, default: [:]][key.number] = Timestamp(nanoseconds: 0)
        guard let event = Self.event(key.number, bytes) else {
          found.notes.append("event \(key.number) in quarantine of \(key.name) cannot be read and is left out")
          return
        }
        quarantine[key.name]?[key.number] = event.time
        entries[key.name, default: []].append(event)
      case Kind.books:
        found.books = Self.decode(PublisherBooks.self, bytes)
        if found.books == nil { found.notes.append("the publishers' books cannot be read; they begin anew") }
      default: found.notes.append("a value of kind \(key.kind) in \(ValueLog.positions) is none of this version's")
      }
    }
    for (name, var cursor) in cursors.sorted(by: { $0.key < $1.key }) {
      cursor.quarantine = entries[name] ?? []
      found.cursors.append(cursor)
    }
    return found
  }

  /// Writes what differs from what stands in the log, all of it or nothing.
  ///
  /// - Parameter positions: by the subscription's name; nil: it is forgotten with its quarantine.
  func write(_ positions: [String: CursorRecord?], _ books: PublisherBooks?) throws(JournalError) {
    var changes: [ValueLog.Change] = []
    var quarantine: [String: [UInt64: Timestamp]] = [:]
    for (name, position) in positions {
      let known = self.quarantine[name] ?? [:]
      var now: [UInt64: Timestamp] = [:]
      for event in position?.quarantine ?? [] {
        now[event.sequence] = event.time
        if known[event.sequence] != event.time { changes.append(Self.change(name, event)) }
      }
      for sequence in known.keys where now[sequence] == nil {
        changes.append(.init(ValueKey(kind: Kind.quarantined, name: name, number: sequence), nil))
      }
      quarantine[name] = now
      changes.append(.init(ValueKey(kind: Kind.position, name: name), position.map(Self.text)))
    }
    if let books { changes.append(.init(ValueKey(kind: Kind.books, name: ""), Self.encode(books))) }
    try log.write(changes, reaching: Self.reach(positions, books))
    for (name, now) in quarantine { self.quarantine[name] = now.isEmpty ? nil : now }
  }

  /// The highest sequence that these speak of.
  private static func reach(_ positions: [String: CursorRecord?], _ books: PublisherBooks?) -> UInt64 {
    positions.values.reduce(books?.through ?? 0) { reach, position in
      guard let position else { return reach }
      return max(
        reach, position.acked, position.done.last?.upperBound ?? 0, position.quarantine.map(\.sequence).max() ?? 0)
    }
  }

  private static func text(_ cursor: CursorRecord) -> [UInt8] {
    var cursor = cursor
    cursor.quarantine = []
    return encode(cursor)
  }

  private static func change(_ name: String, _ event: QuarantinedEvent) -> ValueLog.Change {
    var buffer = RecordBuffer()
    buffer.append(event.time.nanoseconds)
    buffer.append(UInt32(clamping: event.attempts))
    buffer.append(string: event.type)
    buffer.append(string: event.reason)
    buffer.append(string: event.tlp.rawValue)
    return .init(ValueKey(kind: Kind.quarantined, name: name, number: event.sequence), [UInt8](buffer.bytes))
  }

  private static func event(_ sequence: UInt64, _ bytes: UnsafeRawBufferPointer) -> QuarantinedEvent? {
    var reader = ByteReader(bytes)
    do throws(MCAPError) {
      let time: Int64 = try reader.read()
      let attempts: UInt32 = try reader.read()
      return QuarantinedEvent(
        sequence: sequence, type: try reader.string(), attempts: Int(attempts), reason: try reader.string(),
        tlp: TLP(rawValue: try reader.string()) ?? .red, time: Timestamp(nanoseconds: time))
    } catch { return nil }
  }

  private static func encode(_ record: some Encodable) -> [UInt8] {
    // Records of strings and integers always have a text.
    (try? canonicalJSON(record)) ?? []
  }

  private static func decode<Record: Decodable>(_ type: Record.Type, _ bytes: UnsafeRawBufferPointer) -> Record? {
    try? readJSON(type, [UInt8](bytes))
  }
}
