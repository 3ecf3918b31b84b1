import Glibc
import SystemFiles

/// A journal's folder as its names and its card tell it: whether anything is gone that stood there.
struct JournalEnds {
  let path: String
  let card: JournalCard
  /// Its segments, oldest first.
  let names: [String]

  /// What they begin with, by their names.
  var firsts: [UInt64] { names.compactMap(segmentFirst) }

  init(_ path: String, card: JournalCard, names: [String]) {
    (self.path, self.card, self.names) = (path, card, names)
  }

  /// Reads the card, and the names of its time: a writer beside may be changing both.
  ///
  /// - Throws: `.absent` when there is no journal, `.lost`, `.unsupported`, `.io`.
  init(_ path: String) throws(JournalError) {
    self.path = path
    guard Files.isFolder(path) else { throw Self.absent(path, "there is no such folder") }
    guard Files.exists("\(path)/\(JournalCard.name)") else {
      let left = try fileNames(in: path).filter { $0.hasSuffix(".mcap") || JournalCard.logs.contains($0) }
      guard left.isEmpty else {
        try Self.refuseOthers(left, in: path)
        throw JournalError(
          .lost, file: "\(path)/\(JournalCard.name)",
          "it is missing, though there are \(left.joined(separator: ", ").prefix(200)); \(Self.advice(path))")
      }
      throw Self.absent(path, "the folder holds none")
    }
    var card = try Self.read(path)
    var names = try segmentNames(in: path)
    for _ in 0..<10 {
      let after = try Self.read(path)
      if (after.first, after.newest) == (card.first, card.newest) { break }
      card = after
      names = try segmentNames(in: path)
    }
    self.card = card
    self.names = names
  }

  /// A journal of another version lacks nothing: it is not read.
  private static func refuseOthers(_ names: [String], in path: String) throws(JournalError) {
    guard let name = names.first(where: { $0.hasSuffix(".mcap") }) else { return }
    let file = try PosixFile("\(path)/\(name)", O_RDONLY)
    do throws(JournalError) { _ = try SegmentScan.Start(file, size: try file.size) } catch {
      if error.code == .unsupported { throw error }
    }
  }

  private static func read(_ path: String) throws(JournalError) -> JournalCard {
    do throws(JournalError) { return try CardFile.read(in: path) } catch {
      guard error.code == .lost else { throw error }
      throw JournalError(.lost, file: error.file, "\(error.message); \(advice(path))")
    }
  }

  private static func absent(_ path: String, _ what: String) -> JournalError {
    JournalError(
      .absent, file: path,
      "there is no journal: \(what); make one with casusd --init, or, where one was, put it or a copy of it back "
        + "(casus restore)")
  }

  /// What a person can do about what is gone.
  static func advice(_ path: String) -> String {
    "put back what is missing; when it is gone for good: casus journal accept-loss \(path)"
  }

  func lost(_ what: String, file: String? = nil) -> JournalError {
    JournalError(.lost, file: file ?? path, "\(what); \(Self.advice(path))")
  }

  /// A segment of another journal than `id` stands in the folder.
  static func foreign(_ head: SegmentHead, _ path: String, in id: JournalID) -> JournalError {
    JournalError(
      .lost, file: path,
      "it belongs to the journal \(head.journal), and this one is \(id); move it out of the folder, and put this one's back"
    )
  }

  /// What is gone of the beginning or the end, by the names alone; nil when nothing is.
  var missing: JournalError? {
    if let first = firsts.first, first > card.first {
      return lost(
        "the journal's beginning is missing: it began with \(segmentName(card.first)), \(names[0]) is the oldest there")
    }
    guard card.newest > 0 else { return nil }
    guard let last = firsts.last else {
      return lost("all segments are missing: the journal had events from sequence \(card.first) on")
    }
    if last < card.newest {
      return lost("the journal's newest segment is missing: \(segmentName(card.newest))")
    }
    return nil
  }

  /// That nobody may go on in it as it is; nil when somebody may.
  var standing: JournalError? {
    guard card.state == .copy else { return nil }
    return JournalError(
      .lost, file: path,
      "it is a backup, and may have an end that the journal has gone on from; casus restore makes a journal of it")
  }

  /// Segments that retention had given up when it was interrupted.
  var givenUp: [String] {
    zip(names, names.dropFirst()).prefix { segmentFirst($0.1) ?? .max <= card.first }.map(\.0)
  }

  /// What the last sequence that is there tells; nil when nothing is wrong.
  func fault(of last: UInt64) -> JournalError? {
    if last > card.reserved {
      return lost(
        "it is an old one: the segments go on to \(last), and it says that no sequence beyond \(card.reserved) was given",
        file: "\(path)/\(JournalCard.name)")
    }
    switch card.state {
    case .closed where last < card.reserved:
      return lost("the journal ends at \(last), though it ended at \(card.reserved) when it was closed")
    case .cut:
      return lost(
        "the journal's end was damaged behind \(last), and was written off; sequences up to \(card.reserved) may have been given"
      )
    case .open, .closed, .copy: return nil
    }
  }
}
