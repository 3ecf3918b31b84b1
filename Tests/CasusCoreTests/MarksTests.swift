import CasusEvents
import CasusWire
import Testing

@testable import CasusCore

/// What descends from an exercise says so or is refused; what descends from a replay is marked by the broker.
@Suite struct MarksTests {
  let bus: Bench

  init() {
    var options = BrokerOptions()
    options.acceptsReplay = true
    bus = Bench(options)
  }

  /// The codes of what was refused in the last answer, with their pointers.
  private func refusals(_ peer: PeerID) -> [String] {
    guard case .published(let published)? = bus.received[peer]?.last else { return ["no answer"] }
    return published.refused.map { "\($0.error.code.name) \($0.error.pointer ?? "")" }
  }

  private func publish(
    _ peer: PeerID, batch: Int, _ events: [String], replay: Bool = false, descends: Bool = false
  ) -> [String] {
    bus.publish(peer, batch: batch, events, replay: replay, descends: descends)
    bus.commit()
    return refusals(peer)
  }

  /// The marks in the journal, by the event's id.
  private func marks(_ id: String) -> [String]? {
    bus.journal.last { $0.text == id }.map { $0.stamp.flags.marks.names }
  }

  @Test func `replays are taken only by a broker that was started for them`() {
    let live = Bench()
    let person = live.join("a", roles: [.replay])
    live.publish(person, batch: 1, ["x@//us.test/s"], replay: true)
    guard case .error(let reply)? = live.received[person]?.last else {
      Issue.record("the replay was not refused")
      return
    }
    #expect(reply.error.code == .replayNotAccepted && reply.error.pointer == "/replay")
    #expect(reply.error.message.contains("--accept-replay") && live.journal.allSatisfy { $0.text != "x" })
    // The role is asked for first: who has none learns nothing of the broker.
    let other = live.join("b")
    live.publish(other, batch: 1, ["x"], replay: true)
    guard case .error(let second)? = live.received[other]?.last else { return }
    #expect(second.error.code == .roleRequired)
  }

  /// Whether its publisher has read that event or not: he may have its name from somebody else.
  @Test(arguments: [false, true]) func `what rests on a replayed event is marked`(isSaid: Bool) {
    let person = bus.join("b", roles: [.replay])
    let plugin = bus.join("a")
    #expect(publish(person, batch: 1, ["x@//us.test/s"], replay: true) == [])
    #expect(publish(plugin, batch: 1, ["y>x~//us.test/s"], descends: isSaid) == [])
    #expect(marks("y>x~//us.test/s") == ["descends"] && marks("x") == ["replayed"])
    // And so on, whoever rests on that; beside one that rests on nothing marked.
    let more = ["z", "w>z>x~//us.test/s", "v>w>z>x~//us.test/s", "u>z"]
    #expect(publish(plugin, batch: 2, more) == [])
    #expect(more.map { marks($0) } == [[], ["descends"], ["descends"], []])
  }

  @Test func `what rests on an exercise is an exercise too`() {
    let plugin = bus.join("a", roles: [.exercise])
    #expect(publish(plugin, batch: 1, ["x^ex", "live", "y>x^ex"]) == ["unmarked /data/refs/0"])
    #expect(publish(plugin, batch: 2, ["z^ex>x^ex>live"]) == [] && marks("z^ex>x^ex>live") == ["exercise"])
  }

  @Test func `who has read marked events and names nothing is taken to rest on them`() {
    let sensor = bus.join("b", roles: [.exercise])
    let plugin = bus.join("a")
    bus.subscribe(plugin, types: ["t.two"], name: "work", credit: 10)
    #expect(publish(plugin, batch: 1, ["before"]) == [] && marks("before") == [])
    #expect(publish(sensor, batch: 1, ["x^ex:t.two@//jp.test/b", "live:t.one@//jp.test/b"]) == [])
    #expect(publish(plugin, batch: 2, ["after", "named>before", "unknown>nobody's"]) == [])
    #expect(marks("after") == ["descends"] && marks("unknown>nobody's") == ["descends"])
    #expect(marks("named>before") == [], "it says what it rests on, and that is live")
    // A new session of the same plugin does not forget, nor does the broker when it starts again.
    bus.lose(plugin)
    let again = bus.join("a")
    #expect(publish(again, batch: 1, ["again"]) == [] && marks("again") == ["descends"])
    bus.tick(milliseconds: 100)
    bus.keepPositions()
    bus.restart()
    let later = bus.join("a")
    #expect(publish(later, batch: 1, ["later"]) == [] && marks("later") == ["descends"])
  }

  @Test func `whoever has read only live events is not marked`() {
    let sensor = bus.join("b", roles: [.exercise])
    let plugin = bus.join("a")
    bus.subscribe(plugin, types: ["t.two"], credit: 10)
    #expect(publish(sensor, batch: 1, ["x^ex:t.one@//jp.test/b", "live:t.two@//jp.test/b"]) == [])
    #expect(publish(plugin, batch: 1, ["after"]) == [] && marks("after") == [])
  }

  /// People watch an exercise, and publish something else over another connection.
  @Test func `people are judged by session`() {
    let sensor = bus.join("b", roles: [.exercise])
    #expect(publish(sensor, batch: 1, ["x^ex@//jp.test/b"]) == [])
    let watching = bus.join("a", roles: [.observer])
    bus.subscribe(watching, types: [">"], from: .earliest, credit: 10)
    #expect(publish(watching, batch: 1, ["here"]) == [] && marks("here") == ["descends"])
    let other = bus.join("a", roles: [.observer])
    #expect(publish(other, batch: 1, ["there"]) == [] && marks("there") == [])
  }

  /// What is signed names its evidence by digest inside, which every reader checks.
  @Test func `signed statements are not judged by what was read`() {
    let sensor = bus.join("b", roles: [.exercise])
    let person = bus.join("a", roles: [.observer])
    bus.subscribe(person, types: [">"], credit: 10)
    #expect(publish(sensor, batch: 1, ["x^ex@//jp.test/b"]) == [])
    #expect(publish(person, batch: 1, ["p:casus.position.v1", "q:t.one"]) == [])
    let flags = bus.journal.suffix(2).map { $0.stamp.flags.marks.names }
    #expect(flags == [[], ["descends"]])
  }

  @Test func `the marks of a journal are known after a restart`() {
    let person = bus.join("b", roles: [.replay])
    #expect(publish(person, batch: 1, ["x@//us.test/s"], replay: true) == [])
    bus.restart()
    let plugin = bus.join("a")
    #expect(publish(plugin, batch: 1, ["y>x~//us.test/s"]) == [] && marks("y>x~//us.test/s") == ["descends"])
  }

  /// What it was sent is forgotten with its positions, when it is away.
  @Test func `whose subscriptions are forgotten begins anew`() {
    let sensor = bus.join("b", roles: [.exercise])
    let plugin = bus.join("a")
    bus.subscribe(plugin, number: 1, types: ["t.two"], name: "one", credit: 10)
    bus.subscribe(plugin, number: 2, types: ["t.two"], name: "two", credit: 10)
    #expect(publish(sensor, batch: 1, ["x^ex:t.two@//jp.test/b"]) == [])
    bus.lose(plugin)
    func forgets(_ name: String, _ batch: Int) -> [String]? {
      let isForgotten = bus.broker.forget(SubscriptionOwner(identity: "jp.test/a", name: name), at: bus.now)
      #expect(isForgotten)
      let again = bus.join("a")
      defer { bus.lose(again) }
      #expect(publish(again, batch: batch, ["after-\(name)"]) == [])
      return marks("after-\(name)")
    }
    #expect(forgets("one", 1) == ["descends"])
    #expect(forgets("two", 2) == [])
  }

  /// It was a member, and is one still: the group's position remembers what it was sent.
  @Test func `what was heard as a member of a group is not forgotten with another position`() {
    let sensor = bus.join("b", roles: [.exercise])
    let plugin = bus.join("a", groups: ["work"])
    bus.subscribe(plugin, number: 1, types: ["t.two"], group: "work", credit: 10)
    bus.subscribe(plugin, number: 2, types: ["t.one"], name: "one", credit: 10)
    #expect(publish(sensor, batch: 1, ["x^ex:t.two@//jp.test/b"]) == [])
    bus.lose(plugin)
    let isForgotten = bus.broker.forget(SubscriptionOwner(identity: "jp.test/a", name: "one"), at: bus.now)
    #expect(isForgotten)
    let again = bus.join("a", groups: ["work"])
    #expect(publish(again, batch: 1, ["after"]) == [] && marks("after") == ["descends"])
    bus.stop()
    bus.restart()
    let anew = bus.join("a", groups: ["work"])
    #expect(publish(anew, batch: 1, ["anew"]) == [] && marks("anew") == ["descends"])
  }

  /// A repetition is known before anybody asks what it rests on: analyzers over a replayed journal come to the same bytes.
  @Test func `a repetition is a duplicate whatever it rests on`() {
    let person = bus.join("b", roles: [.replay])
    let plugin = bus.join("a")
    #expect(publish(person, batch: 1, ["x@//us.test/s", "y>x~//us.test/s"], replay: true) == [])
    #expect(publish(plugin, batch: 1, ["y>x~//us.test/s"]) == [])
    guard case .published(let answer)? = bus.received[plugin]?.last else { return }
    #expect(answer.duplicates.map(\.index) == [0])
  }
}
