import CasusCases
import CasusEvents
import CasusLedger
import Glibc
import SQLite
import SeededRandom
import SystemFiles
import TestSupport
import Testing

@testable import CaseIndex

/// A journal in memory.
struct EventList: CaseSource {
  var owner = IndexOwner(journal: "j", at: "k", reader: "jp.nisc/desk", clearance: "RED", types: [">"])
  var events: [RecordedEvent]
  /// Where retention has come to.
  var first: UInt64 = 1

  var last: UInt64 { events.last?.stamp.sequence ?? 0 }

  func read(from sequence: UInt64, _ body: (RecordedEvent) throws -> Void) throws {
    for event in events where event.stamp.sequence >= max(first, sequence) { try body(event) }
  }

  func fetch(_ sequences: Set<UInt64>) -> [UInt64: RecordedEvent] {
    let found = events.filter { sequences.contains($0.stamp.sequence) && $0.stamp.sequence >= first }
    return Dictionary(found.map { ($0.stamp.sequence, $0) }) { first, _ in first }
  }
}

/// What people are shown of cases, as bytes.
struct Shown: Equatable {
  var list: [String] = []
  var dossiers: [String] = []
  var incidents: [String] = []

  static func list(_ record: CaseRecord, _ marks: EvidenceMarks) throws -> String {
    try row(record, marks) + record.findings.map { $0.code.rawValue + $0.message }.joined(separator: ",")
  }

  static func row(_ record: CaseRecord, _ marks: EvidenceMarks) throws -> String {
    let parts = [
      record.opened.citation.sequence, record.current.data.title, record.mode.rawValue, "\(record.positions.count)",
      String(decoding: try canonicalJSON(record.verdict), as: UTF8.self), marks.text ?? "",
    ]
    return parts.joined(separator: " ")
  }

  /// By the fold over everything.
  init(_ projection: CaseProjection) throws {
    for record in projection.cases.values.sorted(by: {
      Int($0.opened.citation.sequence)! < Int($1.opened.citation.sequence)!
    }) {
      list.append(try Self.list(record, projection.marks(of: record.opened.data.incident)))
      let dossier = try projection.dossier(of: record.opened.data.caseID)
      dossiers.append(String(decoding: try dossier.json(), as: UTF8.self))
    }
    let open = Set(projection.cases.values.map(\.opened.data.incident))
    let incidents = projection.incidents.values.filter { $0.current.data.state != .retracted }.sorted { a, b in
      let (a, b) = (a.current.data, b.current.data)
      let (left, right) = (a.effectCount + a.detectionCount, b.effectCount + b.detectionCount)
      return a.phase != b.phase ? a.phase > b.phase : left != right ? left > right : a.incident < b.incident
    }
    self.incidents = incidents.map { record in
      let it = record.current.data
      let counts = [record.attributions.current.count, record.purposes.current.count, record.damages.current.count]
      return "\(it.incident) \(it.revision) \(it.title) \(it.phase) \(it.detectionCount) \(counts)"
        + " \(projection.marks(of: it.incident).text ?? "") \(open.contains(it.incident))"
    }
  }

  /// By the index.
  init(_ reader: CaseReader, _ policies: [CasePolicy]) async throws {
    for id in try reader.index.cases(after: nil, limit: 100).lines {
      let short = try await reader.projection(cases: [id], policies: policies, content: .none)
      let record = try #require(short.cases[id])
      let marks = short.marks(of: record.opened.data.incident)
      list.append(try Self.list(record, marks))
      let line = try #require(try reader.line(of: id, policies: policies))
      #expect(try Self.row(line.record, line.marks) == Self.row(record, marks))
      let whole = try await reader.projection(cases: [id], policies: policies, content: .shown)
      dossiers.append(String(decoding: try whole.dossier(of: id).json(), as: UTF8.self))
    }
    incidents = try reader.index.incidents(after: nil, limit: 100).lines.map { line in
      let it = line.heading
      let counts = [line.attributions, line.purposes, line.damages]
      return "\(line.incident) \(it.revision) \(it.title) \(it.phase) \(it.detectionCount) \(counts)"
        + " \(line.marks.text ?? "") \(line.hasCase)"
    }
  }
}

/// An index says what reading everything says.
@Suite struct CaseIndexTests {
  private static func quiet(_ told: @escaping (String) -> Void = { _ in }) -> CaseReader.Observer {
    CaseReader.Observer(told: told)
  }

  @Test(arguments: 1...12)
  func `shows of any history what the fold from its beginning shows`(seed: UInt64) async throws {
    var history = try RandomHistory(seed: seed)
    let folder = TemporaryFolder()
    var random = SeededGenerator(seed: seed &* 7)
    for _ in 0..<6 {
      for _ in 0..<Int.random(in: 5...40, using: &random) { try history.step() }
      let list = EventList(events: history.journal.events)
      // Half of the times from where the last one left off.
      let place = seed % 2 == 0 ? folder.file("cache") : nil
      let shown = try await CaseReader.read(list, folder: place, Self.quiet()) { reader in
        try await Shown(reader, [history.journal.policy])
      }
      #expect(try shown == Shown(history.journal.projection), "seed \(seed), \(list.last) events")
    }
  }

  @Test func `knows the root of any size that the journal had`() throws {
    var history = try RandomHistory(seed: 99)
    while history.journal.events.count < 60 { try history.step() }
    var all = history.journal.events
    // Beyond some edges: the tree's hashes alone are looked at.
    let last = try #require(all.last)
    for sequence in 0..<5_000 {
      var stamp = last.stamp
      stamp.sequence += UInt64(sequence) + 1
      all.append(try RecordedEvent(stamp: stamp, bytes: last.bytes))
    }
    let index = try CaseIndex(temporary: EventList(events: []).owner)
    try index.add(all)
    var reference = JournalHistory(window: 1_000_000)
    for event in all { try reference.append(event) }
    for size in stride(from: UInt64(1), through: index.last!.sequence, by: 37) {
      #expect(try index.root(at: size) == reference.root(at: size), "\(size)")
    }
    #expect(index.tree?.root == reference.tree.root)
  }

  @Test func `two that read at the same time do not disturb each other`() async throws {
    var history = try RandomHistory(seed: 4)
    for _ in 0..<150 { try history.step() }
    let list = EventList(events: history.journal.events)
    let folder = TemporaryFolder().file("cache")
    let (one, _) = try CaseIndex.open(in: folder, for: list.owner)
    let (other, _) = try CaseIndex.open(in: folder, for: list.owner)
    for start in stride(from: 0, to: list.events.count, by: 20) {
      try one.add(list.events[start..<min(start + 30, list.events.count)])
      try other.add(list.events[start..<min(start + 20, list.events.count)])
    }
    #expect(one.last?.sequence == list.last)
    let shown = try await CaseReader.read(list, folder: folder, Self.quiet { Issue.record("\($0)") }) { reader in
      try await Shown(reader, [history.journal.policy])
    }
    #expect(try shown == Shown(history.journal.projection))
  }

  @Test func `one that another has made again takes nothing that was read for the one before`() async throws {
    var history = try RandomHistory(seed: 4)
    for _ in 0..<150 { try history.step() }
    let list = EventList(events: history.journal.events)
    let folder = TemporaryFolder().file("cache")
    let (one, _) = try CaseIndex.open(in: folder, for: list.owner)
    try one.add(list.events.prefix(100))
    let (other, _) = try CaseIndex.open(in: folder, for: list.owner)
    try other.makeAgain()
    let error = #expect(throws: IndexError.self) { try one.add(list.events.dropFirst(100)) }
    #expect(error?.code == .remade)
    try other.add(list.events.prefix(100))
    #expect(throws: IndexError.self) { try one.add(list.events.dropFirst(100)) }
    let shown = try await CaseReader.read(list, folder: folder, Self.quiet { Issue.record("\($0)") }) { reader in
      try await Shown(reader, [history.journal.policy])
    }
    #expect(try shown == Shown(history.journal.projection))
  }

  @Test func `one that has come further than whoever connected earlier knows is not made again`() async throws {
    var history = try RandomHistory(seed: 4)
    for _ in 0..<150 { try history.step() }
    let folder = TemporaryFolder().file("cache")
    // The end that the broker told when the command connected; the journal has gone on since.
    struct Earlier: CaseSource {
      var all: EventList
      var owner: IndexOwner { all.owner }
      var first: UInt64 { all.first }
      var last: UInt64 { all.events[100].stamp.sequence }
      func read(from sequence: UInt64, _ body: (RecordedEvent) throws -> Void) throws {
        try all.read(from: sequence, body)
      }
      func fetch(_ sequences: Set<UInt64>) -> [UInt64: RecordedEvent] { all.fetch(sequences) }
    }
    let list = EventList(events: history.journal.events)
    for source in [list, Earlier(all: list)] as [any CaseSource] {
      let shown = try await CaseReader.read(source, folder: folder, Self.quiet { Issue.record("\($0)") }) { reader in
        try await Shown(reader, [history.journal.policy])
      }
      #expect(try shown == Shown(history.journal.projection))
    }
  }

  @Test func `one of events that the journal has lost since is made again`() async throws {
    var history = try RandomHistory(seed: 12)
    for _ in 0..<100 { try history.step() }
    let folder = TemporaryFolder().file("cache")
    var told: [String] = []
    func root(_ list: EventList) async throws -> String? {
      try await CaseReader.read(list, folder: folder, Self.quiet { told.append($0) }) { $0.index.tree?.root?.hex }
    }
    let whole = history.journal.events
    _ = try await root(EventList(events: whole))
    #expect(told == [])
    let lost = whole[40].stamp.sequence...whole[45].stamp.sequence
    let loss = BusLoss(journal: String(repeating: "5f", count: 16), lost: [lost], found: ["EXERCISE"], by: "EXERCISE")
    var journal = history.journal
    try journal.append(
      Draft(loss, id: "loss-x", time: journal.now, exercise: journal.exercise), by: BusLoss.sender,
      at: (whole.last?.stamp.sequence ?? 0) + 1)
    let left = journal.events.filter { !lost.contains($0.stamp.sequence) }
    var tree = JournalTree()
    for event in left { try tree.append(event) }
    #expect(try await root(EventList(events: left)) == tree.root?.hex)
    #expect(told.count == 1 && told[0].contains("has lost events"), "\(told)")
  }

  @Test func `one in a folder behind a link is kept`() async throws {
    var history = try RandomHistory(seed: 4)
    for _ in 0..<20 { try history.step() }
    let list = EventList(events: history.journal.events)
    let folder = TemporaryFolder()
    #expect(mkdir(folder.file("real"), 0o700) == 0 && symlink(folder.file("real"), folder.file("link")) == 0)
    _ = try await CaseReader.read(list, folder: "\(folder.file("link"))/cache", Self.quiet { Issue.record("\($0)") }) {
      $0.index.last
    }
    #expect(Files.exists("\(folder.file("real"))/cache/\(list.owner.fileName)"))
  }

  @Test func `one that was killed while it wrote goes on where it last was whole`() async throws {
    var history = try RandomHistory(seed: 8)
    for _ in 0..<150 { try history.step() }
    let list = EventList(events: history.journal.events)
    let folder = TemporaryFolder()
    let (index, _) = try CaseIndex.open(in: folder.file("cache"), for: list.owner)
    try index.add(list.events.prefix(50))
    struct Killed: Error {}
    /// Gives events until the files are copied, as they are in the middle of a transaction.
    struct Feed: Sequence, IteratorProtocol {
      var rest: ArraySlice<RecordedEvent>
      var kill: () throws -> Void
      mutating func next() -> RecordedEvent? {
        if rest.count == 20 { try? kill() }
        return rest.popFirst()
      }
    }
    let (from, to) = (folder.file("cache"), folder.file("killed"))
    // So that some of it has reached the file.
    try index.database.run("PRAGMA cache_size=1; PRAGMA cache_spill=1")
    let feed = Feed(rest: list.events.dropFirst(50)) {
      try Files.makeFolder(to)
      for name in try Files.names(in: from) where !name.hasSuffix("-shm") {
        try Files.create("\(to)/\(name)", with: try Files.read("\(from)/\(name)"), mode: 0o600)
      }
    }
    try index.add(feed)
    let (killed, remade) = try CaseIndex.open(in: to, for: list.owner)
    #expect(remade == nil && killed.last?.sequence == list.events[49].stamp.sequence)
    let shown = try await CaseReader.read(list, folder: to, Self.quiet { Issue.record("\($0)") }) { reader in
      try await Shown(reader, [history.journal.policy])
    }
    #expect(try shown == Shown(history.journal.projection))
  }

  @Test(arguments: ["the head", "the middle", "nothing is left", "it is cut", "the events"])
  func `a damaged one is made again, and that is said`(damage: String) async throws {
    var history = try RandomHistory(seed: 12)
    for _ in 0..<150 { try history.step() }
    let list = EventList(events: history.journal.events)
    let folder = TemporaryFolder().file("cache")
    func read() async throws -> (shown: Shown, told: [String]) {
      var told: [String] = []
      let shown = try await CaseReader.read(list, folder: folder, Self.quiet { told.append($0) }) { reader in
        try await Shown(reader, [history.journal.policy])
      }
      return (shown, told)
    }
    #expect(try await read().told == [])
    let path = "\(folder)/\(list.owner.fileName)"
    #expect(Files.mode(folder) == 0o700 && Files.mode(path) == 0o600)
    var bytes = try Files.read(path)
    switch damage {
    case "the head": bytes.replaceSubrange(0..<100, with: repeatElement(0xee, count: 100))
    case "the middle": bytes.replaceSubrange(100..<bytes.count, with: repeatElement(0xee, count: bytes.count - 100))
    case "nothing is left": bytes = []
    case "the events":
      let word = Array("\"specversion\"".utf8)
      for place in bytes.indices.dropLast(word.count)
      where bytes[place] == word[0] && bytes[place...].starts(with: word) {
        bytes[place] = 1
      }
    default: bytes.removeLast(bytes.count / 2)
    }
    try Files.replace(path, with: bytes)
    let again = try await read()
    #expect(try again.shown == Shown(history.journal.projection))
    #expect(again.told.count == (damage == "nothing is left" ? 0 : 1))
    #expect(again.told.allSatisfy { $0.hasPrefix("the index of cases is made again: it was damaged") })
    #expect(try await read().told == [])
  }

  @Test func `a journal that ends earlier, goes on otherwise or begins later is read anew, and that is said`()
    async throws
  {
    var history = try RandomHistory(seed: 16)
    for _ in 0..<120 { try history.step() }
    let events = history.journal.events
    let folder = TemporaryFolder().file("cache")
    func read(_ list: EventList) async throws -> [String] {
      var told: [String] = []
      let shown = try await CaseReader.read(list, folder: folder, Self.quiet { told.append($0) }) { reader in
        try await Shown(reader, [history.journal.policy])
      }
      var projection = CaseProjection(policies: [history.journal.policy])
      try list.read(from: 1) { projection.apply($0) }
      #expect(try shown == Shown(projection))
      return told
    }
    #expect(try await read(EventList(events: events)) == [])
    let earlier = Array(events.prefix(80))
    #expect(try await read(EventList(events: earlier)).count == 1)
    // Restored, and others came then.
    var otherwise = earlier
    for event in events.dropFirst(80) {
      var stamp = event.stamp
      stamp.recorded = Timestamp(nanoseconds: stamp.recorded.nanoseconds + 1)
      otherwise.append(try RecordedEvent(stamp: stamp, bytes: event.bytes))
    }
    #expect(try await read(EventList(events: earlier + otherwise[80...])) == [])
    #expect(try await read(EventList(events: events)).count == 1)
    #expect(try await read(EventList(events: events, first: events[60].stamp.sequence)).count == 1)
    #expect(try await read(EventList(events: events, first: events[60].stamp.sequence)) == [])
  }

  @Test func `what one identity may read another is never shown, nor the same one when it may read less`() async throws
  {
    var history = try RandomHistory(seed: 20)
    for _ in 0..<120 { try history.step() }
    let folder = TemporaryFolder().file("cache")
    func cases(_ owner: IndexOwner, _ events: [RecordedEvent]) async throws -> (Int, [String]) {
      var told: [String] = []
      let list = EventList(owner: owner, events: events)
      let count = try await CaseReader.read(list, folder: folder, Self.quiet { told.append($0) }) { reader in
        try reader.index.cases(after: nil, limit: 100).lines.count
      }
      return (count, told)
    }
    let all = history.journal.events
    let few = all.filter { $0.envelope.type != .caseFile }
    func owner(_ reader: String, _ clearance: String, _ journal: String = "j") -> IndexOwner {
      IndexOwner(journal: journal, at: "k", reader: reader, clearance: clearance, types: [">"])
    }
    let (most, _) = try await cases(owner("jp.nisc/desk", "RED"), all)
    #expect(most > 0)
    #expect(try await cases(owner("us.cisa/desk", "AMBER"), few) == (0, []))
    #expect(try await cases(owner("jp.nisc/desk", "RED", "another"), few) == (0, []))
    #expect(try await cases(owner("jp.nisc/desk", "RED"), all) == (most, []))
    let (left, told) = try await cases(owner("jp.nisc/desk", "GREEN"), few)
    #expect(left == 0 && told.count == 1)
    // With less the file of before is gone.
    #expect(try Files.names(in: folder).filter { $0.hasSuffix(".db") }.count == 3)
  }

  @Test func `lists come a page at a time, in their order`() async throws {
    var history = try RandomHistory(seed: 24)
    for _ in 0..<200 { try history.step() }
    let list = EventList(events: history.journal.events)
    try await CaseReader.read(list, folder: nil, Self.quiet()) { reader in
      let all = try reader.index.cases(after: nil, limit: 100)
      #expect(all.left == 0 && all.lines.count > 2)
      var paged: [String] = []
      while true {
        let page = try reader.index.cases(after: paged.last, limit: 1)
        paged += page.lines
        #expect(page.left == all.lines.count - paged.count)
        if page.left == 0 { break }
      }
      #expect(paged == all.lines)
      let incidents = try reader.index.incidents(after: nil, limit: 100).lines.map(\.incident)
      let rest = try reader.index.incidents(after: incidents.first, limit: 100).lines.map(\.incident)
      #expect(rest == Array(incidents.dropFirst()))
      #expect(throws: IndexError.self) { try reader.index.cases(after: "no such case", limit: 1) }
      #expect(throws: IndexError.self) { try reader.index.incidents(after: "none", limit: 1) }
    }
  }

  @Test func `what nothing was added to for long is forgotten, and nothing else`() throws {
    let folder = TemporaryFolder().file("cache")
    let owners = ["a", "b"].map { IndexOwner(journal: $0, at: "k", reader: "x/y", clearance: "RED", types: []) }
    let indexes = try owners.map { try CaseIndex.open(in: folder, for: $0).index }
    try Files.create("\(folder)/notes.db", with: [1], mode: 0o600)
    withExtendedLifetime(indexes) {}
    func names() throws -> [String] { try Files.names(in: folder).filter { $0.hasSuffix(".db") } }
    let all = (owners.map(\.fileName) + ["notes.db"]).sorted()
    let now = SystemClock.wall()
    CaseIndex.forgetOld(in: folder, now: now + CaseIndex.keptFor - 3_600_000_000_000)
    #expect(try names() == all)
    CaseIndex.forgetOld(in: folder, now: now + CaseIndex.keptFor + 3_600_000_000_000)
    #expect(try names() == ["notes.db"])
  }

  @Test func `a folder that others may write keeps no index`() async throws {
    let folder = TemporaryFolder().file("cache")
    try Files.makeFolder(folder)
    try #require(chmod(folder, 0o777) == 0)
    var told: [String] = []
    let list = EventList(events: [])
    _ = try await CaseReader.read(list, folder: folder, Self.quiet { told.append($0) }) { $0.index.last }
    #expect(told.count == 1 && told[0].hasPrefix("no index of cases is kept"))
    #expect(try Files.names(in: folder) == [])
  }
}
