internal import CasusCore
internal import CasusEvents
internal import CasusWire
internal import IJSON
internal import SystemFiles

/// Something that an operator has to look at. A plain value.
struct Alert: Hashable {
  var code: AlertCode
  /// A plugin, a group or a subscription, or what the disk has; empty where the text says it all.
  var subject: String
  var text: String

  init(_ code: AlertCode, _ subject: String, _ text: String) {
    (self.code, self.subject, self.text) = (code, subject, text)
  }

  func write(_ json: inout JSONWriter) {
    json.object { json in
      json.string("code", code.rawValue)
      json.string("severity", code.severity.rawValue)
      json.string("subject", subject)
      json.string("text", text)
    }
  }
}

/// The alerts that follow from the broker's facts, the gravest first. Pure; costs a look at every plugin and subscription. One
/// identity has one of each kind at most, however many subscriptions it makes.
struct Alerts {
  private(set) var all: [Alert] = []

  /// - Parameter owned: all subscriptions, by whose they are: a plugin's, or a group's.
  init(_ facts: StatusReply.Facts, _ plugins: [PluginRecord], _ owned: [String: [SubscriptionReport]]) {
    disk(facts)
    registry(facts)
    clock(facts)
    retention(facts)
    for (owner, own) in owned.sorted(by: { $0.key < $1.key }) {
      let count = own.reduce(0) { $0 + $1.quarantined }
      if count > 0 { add(.eventsQuarantined, owner, "\(count) events in quarantine") }
      if own.contains(where: \.isGroup) { look(at: own, of: owner, isHere: own.contains { !$0.members.isEmpty }) }
    }
    for plugin in plugins { look(plugin, owned[plugin.identity] ?? [], facts.now.steady) }
    all = AlertCode.Severity.allCases.flatMap { severity in all.filter { $0.code.severity == severity } }
  }

  private mutating func add(_ code: AlertCode, _ subject: String, _ text: String) {
    all.append(Alert(code, subject, text))
  }

  private mutating func disk(_ facts: StatusReply.Facts) {
    for trouble in facts.troubles {
      add(.diskRefuses, trouble.code, "cannot be written since \(trouble.since.rfc3339): \(trouble.message)")
    }
    for damage in facts.check?.damage ?? [] { add(.journalDamaged, "", damage) }
    if facts.diskSilence >= AlertCode.silentSeconds * 1_000_000_000 {
      let seconds = facts.diskSilence / 1_000_000_000
      add(.diskSilent, "", "it was asked \(seconds) s ago, for its room or to keep events, and has not answered")
    }
    if let disk = facts.disk, disk.free < disk.size / 100 * AlertCode.leastFreePercent {
      add(.diskLow, "", "\(disk.free) of \(disk.size) bytes are free")
    }
  }

  private mutating func registry(_ facts: StatusReply.Facts) {
    for fault in facts.registryFaults { add(.registryFault, "", fault) }
  }

  private mutating func clock(_ facts: StatusReply.Facts) {
    guard let step = facts.clockStep else { return }
    // The clock that jumped also says how long ago that was: what lies ahead of it was just now.
    let age = facts.now.wall.nanoseconds / 1_000_000_000 - step.after.nanoseconds / 1_000_000_000
    guard age < AlertCode.clockSeconds else { return }
    add(.clockJumped, "", "from \(step.before.rfc3339) to \(step.after.rfc3339); order is by sequence")
  }

  private mutating func retention(_ facts: StatusReply.Facts) {
    for (owner, held) in facts.held.sorted(by: { $0.key.cursorName < $1.key.cursorName }) {
      let fate = facts.cutsNeeded ? ", to be removed" : ""
      add(.retentionHeld, owner.cursorName, "has not acknowledged \(held.first) to \(held.last)\(fate)")
    }
  }

  private mutating func look(_ plugin: PluginRecord, _ own: [SubscriptionReport], _ now: Int64) {
    let name = plugin.identity
    let isHere = plugin.state == .connected
    let words = plugin.healthText.isEmpty ? "it says no more" : "it says " + Self.quoted(plugin.healthText)
    if isHere, plugin.health == .failing { add(.pluginFailing, name, words) }
    if isHere, plugin.health == .degraded { add(.pluginDegraded, name, words) }
    if plugin.shutUntil > now {
      add(.pluginCutOff, name, "for \((plugin.shutUntil - now) / 1_000_000_000 + 1) s more")
    }
    let isAway = look(at: own.filter { $0.name != nil }, of: name, isHere: isHere)
    if !isAway, let since = plugin.goneSince, now - since >= AlertCode.goneSeconds * 1_000_000_000 {
      add(.pluginGone, name, "not connected for \((now - since) / 1_000_000_000) s, and it did not say that it leaves")
    }
  }

  /// Returns whether something waits for one who is away.
  ///
  /// - Parameter own: durable subscriptions of one plugin, or a group's.
  @discardableResult
  private mutating func look(at own: [SubscriptionReport], of name: String, isHere: Bool) -> Bool {
    let behind = own.map(\.lag).max() ?? 0
    if isHere, behind > AlertCode.mostBehind { add(.pluginBehind, name, "\(behind) events behind") }
    let pending = own.reduce(0) { $0 + $1.pending }
    let isAway = !isHere && (pending > 0 || behind > 0)
    if isAway {
      add(.pluginAway, name, "not connected, with \(pending) pending events and \(behind) for it that it was not sent")
    }
    return isAway
  }

  /// Others' words, so that they cannot be taken for the broker's: in quotes that they do not have themselves, and cut.
  private static func quoted(_ text: String) -> String {
    let cut = text.count > 160 ? text.prefix(159) + "…" : text[...]
    return "\"\(cut.replacing("\"", with: "'"))\""
  }
}
