import CasusEvents
import CasusWire

/// A broker's status in the text format of Prometheus, version 0.0.4: one `HELP` and one `TYPE` a metric, its samples behind.
/// Names, units and labels are public; times are seconds, sizes bytes. Pure.
struct MetricsText {
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  private enum Kind: String { case gauge, counter, histogram }

  init(_ status: StatusView) {
    broker(status)
    journal(status.journal)
    plugins(status.plugins)
    subscriptions(status.subscriptions ?? [])
    if let found = status.timings { timings(found) }
    if let found = status.alerts { alerts(found) }
  }

  private mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(String, String)], value: Double)]
  ) {
    guard !samples.isEmpty else { return }
    head(name, kind, help)
    for (labels, value) in samples { sample(name, labels, value) }
  }

  private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
    text += "# HELP casus_\(name) \(help)\n# TYPE casus_\(name) \(kind.rawValue)\n"
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
    text += "casus_\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
  }

  /// Each bucket holds what took as long as it says or less, so the last holds all.
  private mutating func add(_ name: String, _ help: String, _ durations: StatusView.Durations, _ steps: [UInt64]) {
    guard durations.counts.count == steps.count + 1 else { return }
    head(name, .histogram, help)
    var count: UInt64 = 0
    for (step, more) in zip(steps.map { Self.number(Double($0) / 1_000_000) } + ["+Inf"], durations.counts) {
      count += more
      sample("\(name)_bucket", [("le", step)], Double(count))
    }
    sample("\(name)_sum", [], Double(durations.sumMicroseconds) / 1_000_000)
    sample("\(name)_count", [], Double(count))
  }

  private mutating func timings(_ found: StatusView.Timings) {
    add("commit_seconds", "How long commits took, written and synced.", found.commit, found.steps)
    add(
      "publish_accepted_seconds", "How long batches took, from taken in to acknowledged.", found.accepted, found.steps)
    add(
      "publish_delivered_seconds", "How long events took, from recorded to sent to a subscriber for the first time.",
      found.delivered, found.steps)
  }

  private mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    add(name, kind, help, [([], value)])
  }

  /// As the format wants a label's value.
  static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// Whole numbers without a fraction.
  static func number(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

  private mutating func broker(_ status: StatusView) {
    let broker = status.broker
    let labels = [("name", broker.name), ("version", broker.version ?? ""), ("journal", status.journal.id ?? "")]
    add("broker_info", .gauge, "The broker that answers; always 1.", [(labels, 1)])
    if let now = broker.now { add("status_seconds", .gauge, "When the broker gave these figures, Unix time.", now) }
    add("uptime_seconds", .gauge, "Since the broker's start.", Double(broker.uptimeMilliseconds ?? 0) / 1000)
    add("sessions", .gauge, "Plugins and people that are connected.", Double(broker.sessions ?? 0))
    let closed = broker.closed
    add(
      "connections_closed_total", .counter, "Connections that were closed at once, by the reason.",
      [
        ([("reason", "no_descriptors")], Double(closed?.noDescriptors ?? 0)),
        ([("reason", "unproved")], Double(closed?.unproved ?? 0)),
      ])
    add(
      "connections_refused_total", .counter, "Connections whose key the registry does not know.",
      Double(broker.refusedConnections ?? 0))
    if let points = broker.faultsAtOnce {
      add("budget_points", .gauge, "What each identity's budget takes at once.", Double(points))
    }
  }

  private mutating func journal(_ journal: StatusView.Journal) {
    add("journal_first_sequence", .gauge, "The oldest event that is kept.", Double(journal.first) ?? 0)
    add("journal_last_sequence", .gauge, "The newest event; rises with what is accepted.", Double(journal.last) ?? 0)
    add("journal_bytes", .gauge, "The size of the journal.", Double(journal.bytes))
    add("journal_segments", .gauge, "The files of the journal.", Double(journal.segments))
    if let free = journal.free { add("disk_free_bytes", .gauge, "Free on the journal's disk.", Double(free)) }
    if let size = journal.disk { add("disk_bytes", .gauge, "The size of the journal's disk.", Double(size)) }
    if let age = journal.diskAge {
      add("disk_age_seconds", .gauge, "How long ago the journal's disk said that.", Double(age) / 1000)
    }
    add(
      "retention_held_bytes", .gauge, "Of the journal, beyond the limits of retention, held by a subscription.",
      (journal.held ?? []).map {
        ([("plugin", $0.plugin), ("subscription", $0.subscription)], Double($0.bytes ?? 0))
      })
  }

  private mutating func plugins(_ plugins: [StatusView.Plugin]) {
    func each(_ value: (StatusView.Plugin) -> Double) -> [(labels: [(String, String)], value: Double)] {
      plugins.map { ([("plugin", $0.name)], value($0)) }
    }
    add("plugin_connected", .gauge, "1 for a plugin that is connected.", each { $0.isConnected ? 1 : 0 })
    add("plugin_published_total", .counter, "Events accepted from it.", each { Double($0.published) })
    add(
      "plugin_delivered_total", .counter, "Events sent to it, since the broker's start.", each { Double($0.delivered) })
    add("plugin_acked_total", .counter, "Events it acknowledged, since the broker's start.", each { Double($0.acked) })
    add("plugin_redelivered_total", .counter, "Events sent to it again.", each { Double($0.redelivered ?? 0) })
    add("plugin_cut_offs_total", .counter, "How often it was cut off for flooding.", each { Double($0.cutOffs ?? 0) })
    add(
      "plugin_turned_away_total", .counter, "Messages not looked at while it was cut off.",
      each { Double($0.turnedAway ?? 0) })
    add(
      "plugin_budget_spent_points", .gauge, "Points of its budget that have not come back.",
      each { Double($0.budgetSpent ?? 0) })
    add(
      "plugin_refused_total", .counter, "Events refused, by the name of the error.",
      plugins.flatMap { plugin in
        (plugin.refusedBy ?? [:]).sorted { $0.key < $1.key }.map {
          ([("plugin", plugin.name), ("error", $0.key)], Double($0.value))
        }
      })
  }

  private mutating func subscriptions(_ subscriptions: [StatusView.Subscription]) {
    let durable = subscriptions.filter { $0.name != nil }
    func each(_ value: (StatusView.Subscription) -> Double) -> [(labels: [(String, String)], value: Double)] {
      durable.map { ([("plugin", $0.plugin), ("subscription", $0.name ?? "")], value($0)) }
    }
    add("subscription_pending", .gauge, "Sent and not acknowledged, or waiting to be.", each { Double($0.pending) })
    add("subscription_lag", .gauge, "Events for it that it was not sent yet.", each { Double($0.lag) })
    add(
      "subscription_held_bytes", .gauge, "Of the journal, from what it still needs on.",
      each { Double($0.heldBytes ?? 0) })
    add("subscription_quarantined", .gauge, "Events in its quarantine.", each { Double($0.quarantined ?? 0) })
    add("subscription_dropped_total", .counter, "Events it will not get.", each { Double($0.dropped ?? 0) })
  }

  /// A sample for each code that there is, so that an alert's end shows too; and for what a newer broker tells.
  private mutating func alerts(_ alerts: [StatusView.Alert]) {
    let known = AlertCode.allCases.map { (code: $0.rawValue, severity: $0.severity.rawValue) }
    var unknown: [(code: String, severity: String)] = []
    for alert in alerts where AlertCode(rawValue: alert.code) == nil {
      if !unknown.contains(where: { $0 == (alert.code, alert.severity) }) {
        unknown.append((alert.code, alert.severity))
      }
    }
    add(
      "alerts", .gauge, "Alerts that are there, as casus health tells them.",
      (known + unknown).map { code, severity in
        (
          [("code", code), ("severity", severity)],
          // One kind has one severity, but for what this program does not know.
          Double(alerts.count { $0.code == code && (AlertCode(rawValue: code) != nil || $0.severity == severity) })
        )
      })
  }
}
