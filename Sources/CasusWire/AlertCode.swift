/// What an operator has to look at, as the broker says it in its answer to `status`: for `casus health`, `casus status` and
/// whatever watches them. An alert is there as long as its cause is; nothing has to be confirmed.
public enum AlertCode: String, CaseIterable, Sendable {
  case diskRefuses = "disk-refuses"
  case journalDamaged = "journal-damaged"
  case diskSilent = "disk-silent"
  case diskLow = "disk-low"
  case registryFault = "registry-fault"
  case clockJumped = "clock-jumped"
  case retentionHeld = "retention-held"
  case eventsQuarantined = "events-quarantined"
  case pluginFailing = "plugin-failing"
  case pluginDegraded = "plugin-degraded"
  case pluginCutOff = "plugin-cut-off"
  case pluginAway = "plugin-away"
  case pluginGone = "plugin-gone"
  case pluginBehind = "plugin-behind"

  public enum Severity: String, CaseIterable, Sendable {
    /// Events are refused, lost to readers, or not looked at.
    case critical
    /// It becomes critical, or hides something, when nobody looks.
    case warning
  }

  public var severity: Severity {
    switch self {
    case .diskRefuses, .journalDamaged, .diskSilent: .critical
    // Whatever a plugin says of itself: any key could drown what is critical.
    case .pluginFailing, .diskLow, .registryFault, .clockJumped, .retentionHeld, .eventsQuarantined, .pluginDegraded,
      .pluginCutOff, .pluginAway, .pluginGone, .pluginBehind:
      .warning
    }
  }

  /// When it is there: one sentence.
  public var meaning: String {
    switch self {
    case .diskRefuses:
      "The journal or the positions cannot be written: events are refused, or positions kept in memory."
    case .journalDamaged: "A part of the journal is not what was written."
    case .diskSilent:
      "The journal's disk has not answered for \(Self.silentSeconds) seconds: what is published may wait for it."
    case .diskLow: "Less than \(Self.leastFreePercent) % of the journal's disk are free."
    case .registryFault:
      "A file of the registry is wrong and set aside, or the registry's folder cannot be read."
    case .clockJumped: "The broker's wall clock jumped within the last \(Self.clockSeconds / 60) minutes."
    case .retentionHeld: "A durable subscription holds events that are beyond the limits of retention."
    case .eventsQuarantined: "A plugin, or a group, has events in quarantine: they failed as often as it allows."
    case .pluginFailing: "A plugin says that it does not do its work."
    case .pluginDegraded: "A plugin says that it works only in part."
    case .pluginCutOff: "A plugin is not served for a while: it broke the protocol or flooded the bus."
    case .pluginAway: "A plugin, or a group, is not connected, and events wait for it."
    case .pluginGone:
      "A plugin fell silent, or lost its connection, and has not come back for \(Self.goneSeconds) seconds."
    case .pluginBehind: "More than \(Self.mostBehind) events wait for a connected plugin, or a group."
    }
  }

  /// What to do about it.
  public var advice: String {
    switch self {
    case .diskRefuses: "Make room, or raise LimitNOFILE, as its text says; the broker goes on by itself."
    case .journalDamaged: "casus verify names the place; casus journal repair saves what is whole."
    case .diskSilent: "See to the disk, or to the file server behind it; the broker goes on by itself when it answers."
    case .diskLow: "Set retention, make the disk larger, or see who holds back what: casus subscription list."
    case .registryFault: "Mend what is named, a file at its line; it is read again by itself."
    case .clockJumped: "See to the time service of the broker's host; order is by sequence and stays right."
    case .retentionHeld: "Start the plugin, or let go of what waits for it: casus subscription forget."
    case .eventsQuarantined: "casus quarantine list shows them with their reasons; retry, repair or drop them."
    case .pluginFailing, .pluginDegraded: "Read the plugin's log; its agency mends it."
    case .pluginCutOff: "Ask its agency; if the key is stolen, revoke it: casus keys revoke."
    case .pluginAway: "Start it, or let go of what waits for it: casus subscription forget."
    case .pluginGone: "See why it does not run, and start it; one that is to stay away is taken out of the registry."
    case .pluginBehind: "Give it more members (a group), or ask its agency why it is slow."
    }
  }

  /// Of the journal's disk.
  public static let leastFreePercent: UInt64 = 5
  public static let mostBehind: UInt64 = 10_000
  /// For how long the disk may keep the broker waiting.
  public static let silentSeconds: Int64 = 30
  /// For how long a plugin may be without a connection: it comes back by itself from what passes.
  public static let goneSeconds: Int64 = 30
  /// For how long a jump of the clock is shown.
  public static let clockSeconds: Int64 = 3600
}
