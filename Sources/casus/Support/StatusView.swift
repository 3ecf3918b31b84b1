import CasusEvents
import CasusNames
import CasusWire

/// The part of the broker's answer that people are shown, and the launcher looks at.
struct StatusView: Decodable {
  struct Broker: Decodable {
    var name: String
    var version: String?
    var listen: [String]?
    var uptimeMilliseconds: Int64?
    var sessions: Int?
    var refusedConnections: Int?
    /// When it answered, in seconds of Unix time.
    var now: Double?
    /// Connections that were closed because there were too many.
    var closed: Closed?
    /// What each identity's budget takes at once, in points.
    var faultsAtOnce: Int?

    struct Closed: Decodable {
      var noDescriptors: Int
      var unproved: Int
      var last: String

      enum CodingKeys: String, CodingKey {
        case unproved, last
        case noDescriptors = "no_descriptors"
      }
    }

    enum CodingKeys: String, CodingKey {
      case name, version, listen, sessions
      case now = "now_s"
      case refusedConnections = "refused_connections"
      case uptimeMilliseconds = "uptime_ms"
      case closed = "closed_connections"
      case faultsAtOnce = "faults_at_once"
    }
  }

  struct Journal: Decodable {
    var id: String?
    var first: String
    var last: String
    var bytes: Int64
    var segments: Int
    /// Of its disk, in bytes.
    var free: UInt64?
    var disk: UInt64?
    /// How long ago that was found.
    var diskAge: Int64?
    var held: [Held]?

    /// What a subscription keeps from being removed.
    struct Held: Decodable {
      var plugin: String
      var subscription: String
      var bytes: UInt64?
    }

    enum CodingKeys: String, CodingKey {
      case id, first, last, bytes, segments, held
      case diskAge = "disk_age_ms"
      case disk = "disk_bytes"
      case free = "disk_free_bytes"
    }
  }

  struct Alert: Decodable {
    var code: String
    var severity: String
    var subject: String
    var text: String

    /// For people.
    var told: String { "\(code)\(subject.isEmpty ? "" : " \(subject)"): \(text)" }
    /// The same with its severity before it.
    var line: String { "\(severity) \(told)" }
    /// What to do about it; nil for a code that this program does not know.
    var advice: String? { AlertCode(rawValue: code)?.advice }
    var isCritical: Bool { severity == AlertCode.Severity.critical.rawValue }
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
    var cutOffs: Int?
    var redelivered: Int64?
    var refusedBy: [String: Int64]?
    /// Messages that were not looked at while it was cut off.
    var turnedAway: Int64?
    /// Points of its budget.
    var budgetSpent: Int?

    enum CodingKeys: String, CodingKey {
      case turnedAway = "turned_away"
      case budgetSpent = "budget_spent"
      case name, state, health, redelivered
      case cutOffs = "cut_off"
      case refusedBy = "refused_by"
      case healthText = "health_text"
      case published, refused, delivered, acked, pending, lag
      case cutOff = "cut_off_ms"
    }

    var isConnected: Bool { state == "connected" }
    var shownState: String { (cutOff ?? 0) > 0 ? "cut off" : state }
    var isSettled: Bool { pending == 0 && lag == 0 }
  }

  struct Subscription: Decodable {
    var plugin: String
    /// Of a durable one.
    var name: String?
    var quarantined: Int64?
    var dropped: Int64?
    /// A group has members; absent otherwise.
    var members: [String]?
    var pending: Int64
    var lag: Int64
    /// Of the journal, by a durable one.
    var heldBytes: UInt64?

    enum CodingKeys: String, CodingKey {
      case plugin, name, quarantined, dropped, members, pending, lag
      case heldBytes = "held_bytes"
    }
  }

  /// How often something took how long.
  struct Durations: Decodable {
    /// By step, the last of what took longer than all of them.
    var counts: [UInt64]
    var sumMicroseconds: UInt64

    enum CodingKeys: String, CodingKey {
      case counts
      case sumMicroseconds = "sum_us"
    }
  }

  struct Timings: Decodable {
    /// How long each step reaches, in microseconds.
    var steps: [UInt64]
    var commit: Durations
    var accepted: Durations
    var delivered: Durations

    enum CodingKeys: String, CodingKey {
      case commit, accepted, delivered
      case steps = "steps_us"
    }
  }

  var broker: Broker
  var journal: Journal
  var plugins: [Plugin]
  var subscriptions: [Subscription]?
  var timings: Timings?
  /// What somebody has to look at, the gravest first; nil of a broker that is older than alerts.
  var alerts: [Alert]?

  static let tellsNoAlerts = "this broker does not tell alerts: it is older than this casus"

  var groups: [Subscription] { (subscriptions ?? []).filter { $0.members != nil } }

  /// Whether nobody has anything left to do.
  var isSettled: Bool { plugins.allSatisfy(\.isSettled) && groups.allSatisfy { $0.pending == 0 && $0.lag == 0 } }

  /// What does not fit into the columns is cut: for a screen that is drawn again and again.
  func narrow(columns: Int) -> String {
    var lines = ["broker \(broker.name), up \((broker.uptimeMilliseconds ?? 0) / 1000) s"]
    let events = journal.last == "0" ? "empty" : "\(journal.first) to \(journal.last)"
    lines[0] += "; journal \(events), \(Figure.bytes(journal.bytes))"
    lines += notes
    func row(_ name: String, _ state: String, _ figures: [String], _ health: String) -> String {
      let cells = figures.map { Columns.cell($0, 7, right: true) }.joined(separator: " ")
      return "\(Columns.cell(name, 24)) \(Columns.cell(state, 9)) \(cells) \(health)"
    }
    lines.append(row("plugin", "state", ["publ.", "refused", "pending", "lag"], "health"))
    for plugin in plugins {
      let figures = [plugin.published, plugin.refused, plugin.pending, plugin.lag].map { Figure.short($0) }
      let health = [plugin.health, plugin.healthText].compactMap(\.self).joined(separator: ": ")
      lines.append(row(plugin.name, plugin.shownState, figures, health))
    }
    for group in groups {
      let figures = ["", "", Figure.short(group.pending), Figure.short(group.lag)]
      lines.append(row(group.plugin, "group", figures, (group.members ?? []).joined(separator: ", ")))
    }
    return lines.map { Columns.fit($0, columns) + "\n" }.joined() + "\n"
  }

  /// What an operator has to look at, a line each.
  private var notes: [String] {
    var notes = alerts.map { $0.map(\.line) } ?? [Self.tellsNoAlerts]
    if let closed = broker.closed, closed.noDescriptors + closed.unproved > 0 {
      notes.append(
        "closed connections: \(closed.noDescriptors) for want of descriptors, \(closed.unproved) without a key"
          + (closed.last.isEmpty ? "" : ", the last from \(closed.last)"))
    }
    return notes
  }

  static func decode(_ bytes: [UInt8]) throws -> StatusView {
    do {
      return try readJSON(StatusView.self, bytes)
    } catch {
      throw Failure(.failed, "the broker's status is not what this casus knows: \(error)")
    }
  }

  var text: String {
    var text = HarmlessText.shown("broker \(broker.name)")
    if let version = broker.version { text += HarmlessText.shown(" \(version)") }
    if let listen = broker.listen { text += HarmlessText.shown(" at \(listen.joined(separator: ", "))") }
    if let uptime = broker.uptimeMilliseconds { text += ", up \(uptime / 1000) s" }
    let events = journal.last == "0" ? "empty" : "events \(journal.first) to \(journal.last)"
    let segments = journal.segments == 1 ? "1 segment" : "\(journal.segments) segments"
    text += "\njournal \(events), \(Figure.bytes(journal.bytes)) in \(segments)\n"
    for note in notes { text += "  \(HarmlessText.shown(note))\n" }
    text += "\n"
    var table = Table(
      ["plugin", "state", ">published", ">refused", ">delivered", ">acked", ">pending", ">lag", "health"])
    for plugin in plugins {
      table.add(
        [plugin.name, plugin.shownState]
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
