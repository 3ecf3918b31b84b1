import CasusWire
import Foundation
import SeededRandom
import TestSupport
import Testing

@testable import CasusPlugin

@Suite("What is acknowledged")
struct AckTrackerTests {
  /// The stories that clients in every language keep to.
  @Test(arguments: AckStory.all)
  func `as the shared stories tell`(story: AckStory) {
    var tracker = AckTracker(acked: UInt64(story.acked) ?? 0, isShared: story.group ?? false)
    for (place, step) in story.steps.enumerated() {
      let fault = step.fault(in: &tracker)
      #expect(fault == nil, "\(story.story): step \(place + 1)")
    }
  }

  @Test func `a long list goes out in pieces`() {
    var tracker = AckTracker(acked: 0)
    for sequence in 1...2000 as ClosedRange<UInt64> { _ = tracker.admit(sequence, redelivered: true) }
    tracker.finish(through: 2000)
    let pieces = [tracker.takeAck(subscription: 1), tracker.takeAck(subscription: 1)]
    #expect(pieces.map { $0?.also.count } == [1024, 976])
    let rest = tracker.takeAck(subscription: 1)
    #expect(rest == nil)
  }

  @Test func `what the reader is done with all is taken out and what it refused is not`() {
    var tracker = AckTracker(acked: 0)
    for sequence in [1, 2, 3] as [UInt64] { _ = tracker.admit(sequence) }
    let isRefused = tracker.refuse(2)
    tracker.finish(through: 3)
    let ack = tracker.takeAck(subscription: 1)
    #expect(isRefused && ack == Ack(subscription: 1, through: 3) && tracker.isEmpty)
    let isHanded = tracker.admit(2, redelivered: true)
    #expect(isHanded)
  }

  /// Memory stays bounded in a process that runs for years; what is older is handed out again rather than lost.
  @Test func `only the latest are remembered`() {
    var done = RecentlyDone()
    let count = UInt64(RecentlyDone.most)
    for sequence in 1...3 * count { done.insert(sequence) }
    #expect(done.contains(3 * count) && done.contains(2 * count + 1))
    #expect(!done.contains(1) && !done.contains(count))
  }
}

@Suite struct SequenceStretchesTests {
  /// Whatever the order, it holds what a set of the same sequences holds.
  @Test(arguments: 0..<200 as Range<UInt64>) func `holds what a set holds`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var stretches = SequenceStretches()
    var set: Set<UInt64> = []
    for step in 0..<300 as Range<UInt64> {
      // Mostly rising, as from a broker; with strangers among them.
      let sequence = random.next() % 3 == 0 ? random.next() % 400 : step
      stretches.insert(sequence)
      set.insert(sequence)
    }
    #expect(stretches.count == set.count)
    #expect((0...410).allSatisfy { stretches.contains($0) == set.contains($0) })
  }
}

/// A story of `Tests/Vectors/acks.json`.
struct AckStory: Decodable, Sendable, CustomTestStringConvertible {
  struct Named: Decodable {
    var through: String?
    var also: [String]?
  }

  struct Step: Decodable {
    var deliver: String?
    var again: Bool?
    var handed: Bool?
    var done: String?
    var refuse: String?
    var taken: Bool?
    var session: Bool?
    /// What `ack` holds; outer nil: the step is another.
    var ack: Named??

    enum CodingKeys: CodingKey { case deliver, again, handed, done, refuse, taken, session, ack }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      deliver = try members.decodeIfPresent(String.self, forKey: .deliver)
      again = try members.decodeIfPresent(Bool.self, forKey: .again)
      handed = try members.decodeIfPresent(Bool.self, forKey: .handed)
      done = try members.decodeIfPresent(String.self, forKey: .done)
      refuse = try members.decodeIfPresent(String.self, forKey: .refuse)
      taken = try members.decodeIfPresent(Bool.self, forKey: .taken)
      session = try members.decodeIfPresent(Bool.self, forKey: .session)
      if members.contains(.ack) { ack = .some(try members.decodeIfPresent(Named.self, forKey: .ack)) }
    }

    /// Takes the step; what came of it when that is not what the story tells.
    func fault(in tracker: inout AckTracker) -> String? {
      if let sequence = deliver.flatMap({ UInt64($0) }) {
        let isHanded = tracker.admit(sequence, redelivered: again ?? false)
        return isHanded == handed ? nil : "\(sequence) is \(isHanded ? "" : "not ")handed out"
      }
      if let sequence = done.flatMap({ UInt64($0) }) {
        tracker.finish(sequence)
        return nil
      }
      if let sequence = refuse.flatMap({ UInt64($0) }) {
        let isTaken = tracker.refuse(sequence)
        return isTaken == (taken ?? true) ? nil : "\(sequence) is \(isTaken ? "" : "not ")refused"
      }
      if session != nil {
        tracker.startSession()
        return nil
      }
      guard let expected = ack else { return "no step" }
      let told = tracker.takeAck(subscription: 1)
      let names = { (ack: Ack?) in (ack?.also ?? []).sorted() }
      let isSame =
        (told == nil) == (expected == nil) && told?.through == expected?.through.flatMap { UInt64($0) }
        && names(told) == (expected?.also ?? []).compactMap { UInt64($0) }.sorted()
      return isSame ? nil : "told is \(told.map { "\($0)" } ?? "nothing")"
    }
  }

  var story: String
  var acked: String
  var group: Bool?
  var steps: [Step]

  var testDescription: String { story }

  private struct File: Decodable { var stories: [AckStory] }

  static let all: [AckStory] = {
    let file = Checkout.root.appending(path: "Tests/Vectors/acks.json")
    guard let data = try? Data(contentsOf: file), let stories = try? JSONDecoder().decode(File.self, from: data).stories
    else { preconditionFailure("Tests/Vectors/acks.json cannot be read") }
    return stories
  }()
}
