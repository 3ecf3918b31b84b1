import MCAP

/// What a journal knows of itself beside its segments, so that it shows when some of it is gone: the text of the file
/// `JOURNAL`.
///
///     casus-journal 1
///     id 5f0c…                       of the journal, also in each segment's head and in the logs
///     first 1                        the sequence that the oldest segment begins with
///     newest 40001                   the same of the newest one; 0 while there is none
///     reserved 1048576               no sequence beyond was ever given to an event
///     state open                     or closed: `reserved` is the last one that was given; cut: the end is gone; copy: a
///                                    backup
///     log positions.log 3 18211      which file of the log it is, and how long it was at least
///     crc32 8a3f01c2                 of the lines before
///
/// A plain value.
struct JournalCard: Hashable, Sendable {
  static let name = "JOURNAL"
  static let format = "casus-journal 1"
  /// The logs that stand beside the segments of each journal.
  static let logs = [ValueLog.positions, ValueLog.schemas]
  /// Sequences that are reserved at a time: so often is the file written beside the segments' own times.
  static let block: UInt64 = 1 << 20

  /// A log's file as it was seen last.
  struct LogMark: Hashable, Sendable {
    /// How often the log had been written anew.
    var generation: UInt64
    /// In bytes, whole and synced.
    var size: UInt64
  }

  enum State: String, Sendable {
    /// A writer has it, or had it when it was killed.
    case open
    /// `reserved` is the last sequence that was given.
    case closed
    /// A repair found the journal's end damaged, and how far it went is not known.
    case cut
    /// It is a backup: where the journal goes on is said when it is restored.
    case copy
  }

  var id: JournalID
  var first: UInt64 = 1
  var newest: UInt64 = 0
  var reserved: UInt64 = 0
  var state = State.closed
  var marks: [String: LogMark] = [:]

  init(id: JournalID) { self.id = id }

  var text: [UInt8] {
    var lines = [
      Self.format, "id \(id)", "first \(first)", "newest \(newest)", "reserved \(reserved)",
      "state \(state.rawValue)",
    ]
    for (name, mark) in marks.sorted(by: { $0.key < $1.key }) {
      lines.append("log \(name) \(mark.generation) \(mark.size)")
    }
    let body = Array(lines.map { $0 + "\n" }.joined().utf8)
    return body + Array("crc32 \(String(body.withUnsafeBytes { CRC32.of($0) }, radix: 16))\n".utf8)
  }

  /// - Throws: `.unsupported` for another edition of the file, `.lost` for anything that was not written so.
  init(_ text: [UInt8], file: String) throws(JournalError) {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    if let head = lines.first, head.hasPrefix("casus-journal "), head != Self.format {
      throw JournalError(.unsupported, file: file, "it is \(head), this program knows \(Self.format)")
    }
    guard let card = Self.parse(lines), card.text == text else {
      throw JournalError(.lost, file: file, "it is not what was written")
    }
    self = card
  }

  /// Nil for what does not make sense; whoever calls compares the text, and with it the checksum.
  private static func parse(_ lines: [String]) -> JournalCard? {
    func words(_ place: Int, _ name: String) -> [Substring]? {
      guard place < lines.count else { return nil }
      let words = lines[place].split(separator: " ")
      return words.first.map(String.init) == name ? Array(words.dropFirst()) : nil
    }
    func number(_ place: Int, _ name: String) -> UInt64? {
      words(place, name).flatMap { $0.count == 1 ? UInt64($0[0]) : nil }.flatMap { $0 <= 1 << 62 ? $0 : nil }
    }
    guard let id = words(1, "id")?.first.flatMap({ JournalID($0) }), let first = number(2, "first"),
      let newest = number(3, "newest"), let reserved = number(4, "reserved"),
      let state = words(5, "state")?.first.flatMap({ State(rawValue: String($0)) })
    else { return nil }
    var card = JournalCard(id: id)
    (card.first, card.newest, card.reserved, card.state) = (first, newest, reserved, state)
    var place = 6
    while let log = words(place, "log") {
      guard log.count == 3, let generation = UInt64(log[1]), let size = UInt64(log[2]) else { return nil }
      card.marks[String(log[0])] = LogMark(generation: generation, size: size)
      place += 1
    }
    return card
  }
}
