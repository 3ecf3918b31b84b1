internal import CasusCore
internal import CasusEvents
internal import CasusWire
internal import IJSON
internal import SystemFiles

/// The answer to `status`: what `casus status --json` prints.
struct StatusReply {
  struct Facts {
    var version: String
    var pid: Int32
    var started: String
    var startedSteady: Int64
    var listen: [String]
    /// When the answer is given.
    var now: Moment
    var journalBytes: UInt64 = 0
    var segments = 0
    var refusedConnections = 0
    var accepted = AcceptedConnections.Counts()
    /// The journal's bytes from each of some sequences on, and when the first of them were recorded.
    var kept: ([UInt64]) -> [(bytes: UInt64, since: UInt64)?] = { $0.map { _ in nil } }
    /// Of its files, a line each: what they said before stays in force.
    var registryFaults: [String] = []
    /// Who holds back what retention would remove.
    var held: [SubscriptionOwner: RetentionWatch.Held] = [:]
    var cutsNeeded = false
    /// Of what a quick start has left unread; nil when it read everything.
    var check: BackgroundCheck.Progress?
    /// The last jump of the wall clock since the start.
    var clockStep: RecordedClock.Step?
    /// Why something cannot be written for now.
    var troubles: [DiskTrouble.State] = []
    /// Of the journal's disk, in bytes.
    var disk: Files.Space?
    /// How long ago that was found, and for how long the disk has been asked, for that or to keep a commit, without an answer;
    /// nanoseconds.
    var diskAge: Int64 = 0
    var diskSilence: Int64 = 0

    var uptimeMilliseconds: Int64 { (now.steady - startedSteady) / 1_000_000 }
  }

  static func text<Inspector, Stage>(
    _ broker: borrowing Broker<Inspector, Stage>, _ facts: Facts
  ) -> [UInt8] {
    var json = JSONWriter()
    let reports = broker.subscriptionReports
    // Each is looked at once, however many plugins there are.
    let owned = Dictionary(grouping: reports, by: \.identity)
    let shared = Dictionary(
      reports.lazy.filter(\.isGroup).flatMap(\.members).map { ($0.identity, $0.pending) }, uniquingKeysWith: +)
    let plugins = broker.plugins.values.sorted { $0.identity < $1.identity }
    let options = broker.options
    let own = broker.published(by: options.identity)
    let sessions = broker.sessionCount
    let durable = broker.durable
    let first = broker.first
    let journal = broker.journal
    let timings = broker.timings
    let spent = plugins.map { broker.spentPoints(of: $0.identity) }
    let held = heldBytes(broker, facts)
    let published = Dictionary(uniqueKeysWithValues: plugins.map { ($0.identity, broker.published(by: $0.identity)) })
    json.object { json in
      json.object("broker") { json in
        json.string("name", options.name)
        json.string("identity", options.identity)
        json.string("version", facts.version)
        json.int("pid", facts.pid)
        json.string("started", facts.started)
        json.int("uptime_ms", facts.uptimeMilliseconds)
        json.int("now_s", facts.now.wall.nanoseconds / 1_000_000_000)
        json.array("listen") { json in for endpoint in facts.listen { json.string(endpoint) } }
        json.int("sessions", sessions)
        json.int("published", own)
        json.int("refused_connections", facts.refusedConnections)
        json.object("closed_connections") { json in
          json.int("no_descriptors", facts.accepted.noRoom)
          json.int("unproved", facts.accepted.unproved)
          json.string("last", facts.accepted.last)
        }
        json.int("open_files_limit", facts.accepted.limit)
        json.array("registry_faults") { json in for fault in facts.registryFaults { json.string(fault) } }
        json.bool("exercise", options.exercise)
        // What each identity's budget takes at once.
        json.int("faults_at_once", options.limits.faultsAtOnce)
        if let step = facts.clockStep {
          json.object("clock_step") { json in
            json.string("before", step.before.rfc3339)
            json.string("after", step.after.rfc3339)
          }
        }
      }
      json.object("journal") { json in
        json.string("id", journal)
        json.string("first", String(first))
        json.string("last", String(durable))
        json.int("bytes", facts.journalBytes)
        json.int("segments", facts.segments)
        if let disk = facts.disk {
          json.int("disk_free_bytes", disk.free)
          json.int("disk_bytes", disk.size)
          json.int("disk_age_ms", max(0, facts.diskAge) / 1_000_000)
        }
        json.int("disk_silent_ms", facts.diskSilence / 1_000_000)
        json.array("troubles") { json in
          for trouble in facts.troubles {
            json.object { json in
              json.string("code", trouble.code)
              json.string("message", trouble.message)
              json.string("since", trouble.since.rfc3339)
            }
          }
        }
        if let check = facts.check {
          json.object("check") { json in
            json.string("state", !check.damage.isEmpty ? "damaged" : check.isDone ? "sound" : "running")
            json.int("read_bytes", check.read)
            json.int("bytes", check.bytes)
            json.array("damage") { json in for text in check.damage { json.string(text) } }
          }
        }
        json.array("held") { json in
          for (owner, held) in facts.held.sorted(by: { $0.key.cursorName < $1.key.cursorName }) {
            json.object { json in
              json.string("plugin", owner.identity)
              json.string("subscription", owner.name)
              json.string("first", String(held.first))
              json.string("last", String(held.last))
              json.int("bytes", held.bytes)
              json.bool("to_be_cut", facts.cutsNeeded)
            }
          }
        }
      }
      json.array("plugins") { json in
        for (plugin, spent) in zip(plugins, spent) {
          write(
            plugin, published[plugin.identity] ?? 0, owned[plugin.identity] ?? [], shared[plugin.identity] ?? 0, spent,
            facts.now.steady, &json)
        }
      }
      json.array("subscriptions") { json in
        for report in reports { write(report, report.owner.flatMap { held[$0] }, &json) }
      }
      json.object("timings") { json in
        json.array("steps_us") { json in for step in Durations.steps { json.int(step / 1_000) } }
        write("commit", timings.commit, &json)
        write("accepted", timings.accepted, &json)
        write("delivered", timings.delivered, &json)
      }
      json.array("alerts") { json in
        for alert in Alerts(facts, plugins, owned).all { alert.write(&json) }
      }
    }
    return json.bytes
  }

  /// What each durable subscription holds of the journal, in bytes: from what it still needs on.
  private static func heldBytes<Inspector, Stage>(
    _ broker: borrowing Broker<Inspector, Stage>, _ facts: Facts
  ) -> [SubscriptionOwner: UInt64] {
    let needs = Array(broker.needs)
    return Dictionary(
      uniqueKeysWithValues: zip(needs, facts.kept(needs.map(\.value))).map { ($0.key, $1?.bytes ?? 0) })
  }

  /// By step, the last of what took longer than all of them.
  private static func write(_ name: StaticString, _ durations: Durations, _ json: inout JSONWriter) {
    json.object(name) { json in
      json.array("counts") { json in for count in durations.all { json.int(count) } }
      json.int("sum_us", durations.sum / 1_000)
    }
  }

  /// - Parameters:
  ///   - shared: what it has of groups' work, which is its own, too.
  ///   - spent: points of its budget.
  private static func write(
    _ plugin: PluginRecord, _ published: UInt64, _ own: [SubscriptionReport], _ shared: Int, _ spent: Int, _ now: Int64,
    _ json: inout JSONWriter
  ) {
    let pending = own.reduce(shared) { $0 + $1.pending }
    json.object { json in
      json.string("name", plugin.identity)
      json.string("agency", plugin.agency)
      json.string("state", plugin.state.rawValue)
      if let program = plugin.program { json.string("program", program) }
      if let version = plugin.version { json.string("version", version) }
      if let health = plugin.health { json.string("health", health.rawValue) }
      if !plugin.healthText.isEmpty { json.string("health_text", plugin.healthText) }
      json.int("published", published)
      json.int("duplicates", plugin.duplicates)
      json.int("refused", plugin.refusedCount)
      json.object("refused_by") { json in
        for (code, count) in plugin.refused.sorted(by: { $0.key < $1.key }) {
          json.name(dynamic: WireErrorCode(rawValue: code)?.name ?? String(code))
          json.int(count)
        }
      }
      json.int("delivered", plugin.delivered)
      json.int("acked", plugin.acked)
      json.int("pending", pending)
      json.int("quarantined", own.reduce(0) { $0 + $1.quarantined })
      json.int("dropped", own.reduce(0) { $0 + $1.dropped })
      json.int("redelivered", plugin.redelivered)
      json.int("cut_off", plugin.cutOffs)
      json.int("turned_away", plugin.turnedAway)
      json.int("budget_spent", spent)
      // For how long it is not served yet.
      json.int("cut_off_ms", plugin.shutUntil > now ? (plugin.shutUntil - now) / 1_000_000 : 0)
      json.int("lag", own.map(\.lag).max() ?? 0)
    }
  }

  /// - Parameter held: of the journal, in bytes; nil for an ephemeral one.
  private static func write(_ report: SubscriptionReport, _ held: UInt64?, _ json: inout JSONWriter) {
    json.object { json in
      json.string("plugin", report.identity)
      if let name = report.name { json.string("name", name) }
      if report.isGroup {
        json.array("members") { json in for member in report.members { json.string(member.identity) } }
      }
      json.array("types") { json in for type in report.types { json.string(type) } }
      json.bool("live", report.isLive)
      json.int("matched", report.matched)
      json.int("acked", report.acked)
      json.int("pending", report.pending)
      json.int("waiting", report.waiting)
      json.int("quarantined", report.quarantined)
      json.int("dropped", report.dropped)
      json.string("acked_through", String(report.ackedThrough))
      json.int("lag", report.lag)
      if let held { json.int("held_bytes", held) }
    }
  }
}

extension StatusReply {
  /// The answer to `subscriptions`: who holds how much of the journal, who holds most first.
  static func subscriptions<Inspector, Stage>(
    _ broker: borrowing Broker<Inspector, Stage>, _ facts: Facts
  ) -> [UInt8] {
    let needs = broker.needs
    let gone = broker.unregistered
    let found = broker.subscriptionReports.compactMap { report -> (SubscriptionReport, UInt64, Bool)? in
      guard let owner = report.owner else { return nil }
      return needs[owner].map { (report, $0, gone.contains(owner)) }
    }
    let rows = zip(found, facts.kept(found.map(\.1))).map { row, kept in
      (row.0, row.1, kept?.bytes ?? 0, kept?.since ?? 0, row.2)
    }.sorted { ($1.2, $0.0.identity, $0.0.name ?? "") < ($0.2, $1.0.identity, $1.0.name ?? "") }
    let entries = rows.map { (report, first, bytes, since, isGone) -> SubscriptionsAnswer.Entry in
      var entry = SubscriptionsAnswer.Entry(plugin: report.identity, subscription: report.name ?? "")
      entry.live = report.isLive
      entry.registered = !isGone
      entry.position = String(report.ackedThrough)
      entry.needsFrom = String(first)
      entry.pending = report.pending
      entry.lag = report.lag
      entry.dropped = report.dropped
      entry.heldBytes = bytes
      entry.heldSince = since > 0 ? Timestamp(nanoseconds: Int64(clamping: since)).rfc3339 : nil
      return entry
    }
    // Strings, integers and flags always have a text.
    return (try? canonicalJSON(SubscriptionsAnswer(entries))) ?? []
  }
}
