import CasusEvents
import CasusJournal
import CasusWire
import Glibc
import SystemFiles
import TestSupport
import Testing

@testable import CasusCore
@testable import CasusServer

/// What other threads read for the loop comes back as news, whatever they find.
@Suite(.timeLimit(.minutes(5))) struct HistoryReaderTests {
  private let fixture: ShellFixture
  private let mailbox: Mailbox<[BrokerLoop.News]>
  private let worker: Worker
  private let history: HistoryReader

  init() throws {
    fixture = try ShellFixture(commits: 12)
    mailbox = try Mailbox([])
    worker = try Worker(name: "test-read")
    history = HistoryReader(journal: fixture.journal, mailbox: mailbox, worker: worker)
  }

  /// All that was posted, once everything is done.
  private func news() -> [BrokerLoop.News] {
    worker.stop()
    return mailbox.take()
  }

  @Test func `a run is read from where it is wanted`() {
    history.read(SubscriptionKey(number: 3), from: 7)
    history.read(SubscriptionKey(number: 4), from: 13)
    var runs: [(Int, UInt64, UInt64?)] = []
    for case .history(let key, let from, let run) in news() { runs.append((key.number, from, run?.firstSequence)) }
    #expect(runs.map(\.0) == [3, 4] && runs.map(\.1) == [7, 13])
    #expect(runs[0].2.map { $0 <= 7 } == true && runs[1].2 == nil, "there is nothing behind the last")
  }

  @Test func `a time is found and one after everything is behind the last`() {
    history.locate(SubscriptionKey(number: 1), ShellFixture.recorded(5))
    history.locate(SubscriptionKey(number: 2), ShellFixture.recorded(1000))
    var found: [UInt64] = []
    for case .located(_, let sequence) in news() { found.append(sequence) }
    #expect(found == [5, 13])
  }

  private func show(_ sequence: UInt64, _ clearance: TLP) throws -> BrokerReply? {
    let event = QuarantinedEvent(
      sequence: sequence, type: "casus.detection.v1", attempts: 5, reason: "EXERCISE", tlp: .amber,
      time: ShellFixture.recorded(20))
    let peer = withUnsafeBytes(of: UInt32(1)) { PeerID($0)! }
    let owner = SubscriptionOwner(identity: "jp.test/a", name: "main")
    history.show(Request(id: 9, what: "quarantine", parameters: [:]), event, owner, clearance, to: peer)
    for case .reply(_, let reply) in news() { return reply }
    return nil
  }

  @Test func `a quarantined event is shown with its very bytes`() throws {
    guard case .reply(let reply) = try show(4, .amber) else {
      Issue.record("it is not shown")
      return
    }
    let answer = try readJSON(QuarantinedEventAnswer.self, reply.result)
    #expect(answer.event == String(decoding: ShellFixture.event(4), as: UTF8.self))
    #expect(answer.sha256 == sha256Hex(ShellFixture.event(4)) && answer.sequence == "4" && answer.attempts == 5)
    #expect(
      answer.recorded == ShellFixture.recorded(4) && answer.plugin == "jp.test/a" && answer.subscription == "main")
  }

  @Test(arguments: [(UInt64(5), TLP.amber, WireErrorCode.roleRequired), (40, .red, .sequenceGone)])
  func `what may not or cannot be shown is refused`(sequence: UInt64, clearance: TLP, code: WireErrorCode) throws {
    guard case .error(let error) = try show(sequence, clearance) else {
      Issue.record("it is not refused")
      return
    }
    #expect(error.error.code == code && error.number == 9)
  }
}

@Suite(.timeLimit(.minutes(5))) struct BackgroundCheckTests {
  private func reopened(_ fixture: ShellFixture, _ change: (_ segments: [String]) throws -> Void) throws -> FileJournal
  {
    let path = fixture.journal.path
    try fixture.journal.close()
    let names = try Files.names(in: path).filter { $0.hasSuffix(".mcap") }
    try #require(names.count > 2)
    try change(names.map { "\(path)/\($0)" })
    var options = JournalOptions()
    options.check = .summaries
    return try FileJournal.open(path, options: options)
  }

  @Test func `a sound journal is read to its end and found sound`() throws {
    let journal = try reopened(try ShellFixture(commits: 40)) { _ in }
    let check = try BackgroundCheck(journal, Log())
    let progress = until { check.progress.isDone ? check.progress : nil }
    #expect(progress.damage == [] && progress.bytes > 0 && progress.read > 0)
    check.stop()
  }

  @Test func `damage is named and does not end the check`() throws {
    var damaged = ""
    let journal = try reopened(try ShellFixture(commits: 40)) { segments in
      damaged = segments[0]
      var bytes = try Files.read(damaged)
      // Inside the first event, which a start by summaries does not look at.
      let place = try #require(bytes.firstRange(of: ShellFixture.event(1)))
      bytes[place.lowerBound + 3] ^= 0x10
      try Files.replace(damaged, with: bytes, sync: false)
    }
    let check = try BackgroundCheck(journal, Log())
    let progress = until { check.progress.isDone ? check.progress : nil }
    #expect(progress.damage.count == 1 && progress.damage[0].contains(damaged))
    check.stop()
  }

  @Test func `a check that is stopped is not done`() throws {
    let journal = try reopened(try ShellFixture(commits: 40)) { _ in }
    let check = try BackgroundCheck(journal, Log())
    check.stop()
    let progress = check.progress
    #expect(!progress.isDone || progress.read > 0, "what was not read is not called sound")
  }
}

@Suite(.timeLimit(.minutes(5))) struct RegistryWatchTests {
  private let fixture: TemporaryFolder

  init() {
    fixture = TemporaryFolder()
    write("a", "agency: aa\nplugins: []\n")
  }

  private func write(_ name: String, _ text: String) {
    try? Files.replace(fixture.file("\(name).yaml"), with: text.utf8, mode: 0o600, sync: false)
  }

  private func watch() throws -> (RegistryWatch, WakeUp) {
    var folder = RegistryFolder(fixture.path, reserved: "casus/broker")
    _ = try folder.load()
    let bell = try WakeUp()
    return (try RegistryWatch(folder, bell: bell), bell)
  }

  /// Looks until something was found.
  private func found(_ watch: RegistryWatch) -> RegistryFolder.Change {
    until {
      watch.look()
      return watch.take()
    }
  }

  @Test func `a change is found once and rings`() throws {
    let (watch, bell) = try watch()
    defer { watch.stop() }
    write("b", "agency: bb\nplugins: 7\n")
    #expect(found(watch).faults.count == 1)
    var item = pollfd(fd: bell.fileDescriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&item, 1, 0) == 1)
    #expect(watch.take() == nil)
  }

  @Test func `what nobody has taken yet is not lost`() throws {
    let (watch, _) = try watch()
    write("b", "agency: bb\nplugins: 7\n")
    watch.look()
    until { watch.isLooking ? nil : true }
    write("b", "agency: bb\nplugins: []\n")
    watch.look()
    watch.stop()
    let change = try #require(watch.take())
    #expect(change.newFaults.count == 1 && change.mended == ["b.yaml"] && change.faults == [])
  }
}
