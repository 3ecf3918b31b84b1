import ArgumentParser
import CasusEvents
import CasusJournal
import FoundationEssentials

/// Holds what publishers and subscribers noted against the journal. Prints what it counted as JSON; exit code 1 when a promise
/// was broken.
struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Hold the notes of a run against its journal.")

  @Argument var folder: String
  @Flag(help: "Subscribers need not have everything: they were not waited for.") var unfinished = false
  @Flag(help: "Retention removed the journal's beginning: only what is left is looked for.") var pruned = false

  func run() throws {
    let checked = try AuditBook(folder, unfinished: unfinished, pruned: pruned)
    print(String(decoding: try canonicalJSON(checked.report), as: UTF8.self))
    if !checked.report.problems.isEmpty { throw ExitCode.failure }
  }
}

struct AuditReport: Encodable {
  var events = 0
  var last: UInt64 = 0
  /// Told to publishers, over all of them; each event once.
  var acknowledged = 0
  /// In the journal, and its publisher never heard of it: it was on its way when somebody was killed.
  var unheard = 0
  /// Events that subscribers noted, over all of them, and how many of these more than once.
  var noted = 0
  var repeated = 0
  var problems: [String] = []
  /// By process: 50th and 99th percentile of the latency, in microseconds.
  var latency: [String: [UInt64]] = [:]
}

/// The promises, one by one.
private struct AuditBook {
  private(set) var report = AuditReport()
  private let pruned: Bool
  /// The journal's first sequence.
  private var first: UInt64 = 1
  private var publishers: [String: Publisher] = [:]
  /// Sequences of the load's events.
  private var load: Set<UInt64> = []

  private struct Publisher {
    /// Sequence by number.
    var noted: [UInt64: UInt64] = [:]
    var inJournal: [UInt64: UInt64] = [:]
    var lastNumber: UInt64 = 0
  }

  init(_ folder: String, unfinished: Bool, pruned: Bool) throws {
    self.pruned = pruned
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/notes").sorted()
    for name in names where name.hasPrefix("p") { try readPublisher(name, folder) }
    try readJournal("\(folder)/journal")
    for (name, publisher) in publishers.sorted(by: { $0.key < $1.key }) { hold(name, publisher) }
    for name in names where name.hasPrefix("c") { try readSubscriber(name, folder, unfinished) }
  }

  private mutating func problem(_ text: String) {
    if report.problems.count < 20 { report.problems.append(text) }
  }

  private mutating func readPublisher(_ name: String, _ folder: String) throws {
    let notes = try Notes.read("\(folder)/notes/\(name)")
    var publisher = Publisher()
    for note in notes {
      if let known = publisher.noted.updateValue(note.sequence, forKey: note.number), known != note.sequence {
        problem("\(name): number \(note.number) was acknowledged as \(known) and as \(note.sequence)")
      }
    }
    publishers[name] = publisher
    report.acknowledged += publisher.noted.count
    report.latency[name] = Self.percentiles(notes)
  }

  private static func percentiles(_ notes: [Notes.Entry]) -> [UInt64] {
    let sorted = notes.map(\.latency).sorted()
    guard !sorted.isEmpty else { return [] }
    return [50, 99].map { sorted[min(sorted.count - 1, sorted.count * $0 / 100)] / 1000 }
  }

  private mutating func readJournal(_ path: String) throws {
    var next: UInt64?
    let verification = try verifyJournal(path, envelopes: false) { stamp, event in
      if let next, next != stamp.sequence { problem("sequence \(next) is missing") }
      next = stamp.sequence + 1
      report.events += 1
      guard let event = try? RecordedEvent(stamp: stamp, bytes: Array(event)),
        let number = Template.number(of: event.envelope)
      else { return }
      take(number, stamp)
    }
    for trouble in verification.problems { problem("the journal is not sound: \(trouble)") }
    report.last = verification.last
    first = pruned ? verification.first : 1
  }

  private mutating func take(_ number: UInt64, _ stamp: Stamp) {
    let name = String(stamp.sender.split(separator: "/").last ?? "")
    load.insert(stamp.sequence)
    if let twice = publishers[name, default: Publisher()].inJournal.updateValue(stamp.sequence, forKey: number) {
      problem("\(name): number \(number) is in the journal as \(twice) and as \(stamp.sequence)")
    }
    let last = publishers[name]?.lastNumber ?? 0
    if number <= last { problem("\(name): number \(number) follows \(last)") }
    publishers[name]?.lastNumber = number
  }

  /// What was acknowledged is in the journal, where it was said to be.
  private mutating func hold(_ name: String, _ publisher: Publisher) {
    var heard = 0
    for (number, sequence) in publisher.noted {
      switch publisher.inJournal[number] {
      case sequence?: heard += 1
      case let other?: problem("\(name): number \(number) is at \(other), not at \(sequence) as was acknowledged")
      case nil where sequence < first: heard += 1
      case nil: problem("\(name): number \(number) was acknowledged as \(sequence) and is not in the journal")
      }
    }
    report.unheard += max(0, publisher.inJournal.count - heard)
  }

  private mutating func readSubscriber(_ name: String, _ folder: String, _ unfinished: Bool) throws {
    let notes = try Notes.read("\(folder)/notes/\(name)")
    var seen: Set<UInt64> = []
    for note in notes where !seen.insert(note.sequence).inserted { report.repeated += 1 }
    report.noted += notes.count
    report.latency[name] = Self.percentiles(notes)
    let strange = seen.subtracting(load).filter { $0 >= first }
    if let first = strange.min() { problem("\(name): was sent \(strange.count) events that are not kept, as \(first)") }
    let missing = load.subtracting(seen)
    if !unfinished, let first = missing.min() {
      problem("\(name): did not get \(missing.count) of \(load.count) events, as \(first)")
    }
  }
}
