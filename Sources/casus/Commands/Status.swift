import ArgumentParser
import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the broker, its journal and every plugin.",
    discussion: """
      For each plugin: what it published, what was refused, what was delivered to it and acknowledged by it, what is \
      pending, and how many events it is behind (lag). With --json the broker's own answer, one object.

      --until settled waits until no plugin has anything pending or is behind: then everything that follows from what \
      was published has been published as well. Exit code 1 when that does not come within --timeout.

      EXAMPLE: casus status --until settled --timeout 30s --json
      """)

  @OptionGroup var link: LinkOptions

  @Flag(help: "One JSON object.")
  var json = false

  enum Condition: String, CaseIterable, ExpressibleByArgument { case settled }

  @Option(help: "Wait first until this holds: settled.")
  var until: Condition?

  @Option(help: ArgumentHelp("How long to wait, as 30s.", valueName: "duration"))
  var timeout = "60s"

  func validate() throws {
    if TimeSpan.nanoseconds(timeout) == nil {
      throw ValidationError("--timeout takes a span of time as 500ms, 30s or 5m, not \(timeout)")
    }
  }

  func run() async throws {
    let deadline = ContinuousClock.now + .nanoseconds(TimeSpan.nanoseconds(timeout) ?? 0)
    var isMet = true
    let bytes = try await link.withBus("status") { bus in
      while true {
        let bytes = try await bus.request("status", [:])
        guard until != nil else { return bytes }
        isMet = try StatusView.decode(bytes).isSettled
        if isMet || ContinuousClock.now >= deadline { return bytes }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    try show(bytes)
    if !isMet { throw Failure(.partly, "not settled within \(timeout)") }
  }

  private func show(_ bytes: [UInt8]) throws {
    if json {
      Terminal.write(line: bytes)
    } else {
      Terminal.write(HarmlessText.shown(try StatusView.decode(bytes).text, keeping: .lines))
    }
  }
}

/// The part of the broker's answer that people are shown, and the launcher looks at.
struct StatusView: Decodable {
  struct Broker: Decodable {
    var name: String
    var version: String?
    var listen: [String]?
    var uptimeMilliseconds: Int64?
    /// What is wrong with files of the registry, a line each.
    var registryFaults: [String]?
    /// The last jump of its wall clock.
    var clockStep: ClockStep?

    struct ClockStep: Decodable {
      var before: String
      var after: String
    }

    enum CodingKeys: String, CodingKey {
      case name, version, listen
      case registryFaults = "registry_faults"
      case uptimeMilliseconds = "uptime_ms"
      case clockStep = "clock_step"
    }
  }

  struct Journal: Decodable {
    var first: String
    var last: String
    var bytes: Int64
    var segments: Int
    /// Who holds back what retention would remove.
    var held: [Held]?
    /// How far the segments are read that the start has left out.
    var check: Check?
    /// Why something cannot be written for now.
    var troubles: [Trouble]?

    struct Trouble: Decodable {
      var code: String
      var message: String
      var since: String
    }

    struct Check: Decodable {
      var state: String
      var damage: [String]
    }

    struct Held: Decodable {
      var plugin: String
      var subscription: String
      var first: String
      var last: String
    }
  }

  struct Plugin: Decodable {
    var name: String
    var state: String
    var health: String?
    var healthText: String?
    var published: Int64
    var refused: Int64
    var delivered: Int64
    var acked: Int64
    var pending: Int64
    var lag: Int64
    /// For how long it is not served yet, in milliseconds.
    var cutOff: Int64?

    enum CodingKeys: String, CodingKey {
      case name, state, health
      case healthText = "health_text"
      case published, refused, delivered, acked, pending, lag
      case cutOff = "cut_off_ms"
    }

    var isConnected: Bool { state == "connected" }
    var isSettled: Bool { pending == 0 && lag == 0 }
  }

  struct Subscription: Decodable {
    var plugin: String
    /// A group has members; absent otherwise.
    var members: [String]?
    var pending: Int64
    var lag: Int64
  }

  var broker: Broker
  var journal: Journal
  var plugins: [Plugin]
  var subscriptions: [Subscription]?

  var groups: [Subscription] { (subscriptions ?? []).filter { $0.members != nil } }

  /// Whether nobody has anything left to do.
  var isSettled: Bool { plugins.allSatisfy(\.isSettled) && groups.allSatisfy { $0.pending == 0 && $0.lag == 0 } }

  static func decode(_ bytes: [UInt8]) throws -> StatusView {
    do {
      return try readJSON(StatusView.self, bytes)
    } catch {
      throw Failure(.failed, "the broker's status is not what this casus knows: \(error)")
    }
  }

  var text: String {
    var text = "broker \(broker.name)"
    if let version = broker.version { text += " \(version)" }
    if let listen = broker.listen { text += " at \(listen.joined(separator: ", "))" }
    if let uptime = broker.uptimeMilliseconds { text += ", up \(uptime / 1000) s" }
    let events = journal.last == "0" ? "empty" : "events \(journal.first) to \(journal.last)"
    let segments = journal.segments == 1 ? "1 segment" : "\(journal.segments) segments"
    text += "\njournal \(events), \(Figure.bytes(journal.bytes)) in \(segments)\n"
    for fault in broker.registryFaults ?? [] { text += "  registry \(fault)\n" }
    for held in journal.held ?? [] {
      text +=
        "  beyond the limits of retention: \(held.first) to \(held.last), "
        + "which \(held.plugin) (\(held.subscription)) has not acknowledged\n"
    }
    for trouble in journal.troubles ?? [] { text += "  CANNOT BE WRITTEN since \(trouble.since): \(trouble.message)\n" }
    for damage in journal.check?.damage ?? [] { text += "  DAMAGED: \(damage)\n" }
    if let step = broker.clockStep {
      text += "  the clock jumped: from \(step.before) to \(step.after); order is by sequence\n"
    }
    text += "\n"
    var table = Table(
      ["plugin", "state", ">published", ">refused", ">delivered", ">acked", ">pending", ">lag", "health"])
    for plugin in plugins {
      table.add(
        [plugin.name, (plugin.cutOff ?? 0) > 0 ? "cut off" : plugin.state]
          + [plugin.published, plugin.refused, plugin.delivered, plugin.acked, plugin.pending, plugin.lag]
          .map { Figure.count($0) } + [[plugin.health, plugin.healthText].compactMap(\.self).joined(separator: ": ")])
    }
    text += table.isEmpty ? "no plugins\n" : table.text
    guard !groups.isEmpty else { return text }
    var shared = Table(["group", ">pending", ">lag", "members"])
    for group in groups {
      shared.add([
        group.plugin, Figure.count(group.pending), Figure.count(group.lag),
        (group.members ?? []).joined(separator: ", "),
      ])
    }
    return text + "\n" + shared.text
  }
}
