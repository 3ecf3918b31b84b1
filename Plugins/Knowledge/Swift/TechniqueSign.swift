/// What a technique shows of an operation's payload, where it shows anything.
public enum TechniqueSign: String, CaseIterable, Sendable {
  /// Commands to a process, or its protection or view impaired.
  case control
  /// Services or accounts denied.
  case denial
  /// Data or systems destroyed.
  case destruction
  case encryption
  case defacement
  /// Data left the network.
  case theft
  /// Data gathered.
  case collection
  /// Money or computing power taken, data changed: by itself neither espionage nor disruption.
  case other
}

extension AttackKnowledge.Feature {
  /// By ATT&CK's tactics, and by name where the tactic says too little or too much. Nil for what every intrusion needs.
  public var sign: TechniqueSign? {
    switch parent ?? "" {
    // Computing power and money are gain, changed data may serve either: an implant put into a build is no disruption.
    case "T1496", "T1657", "T1565", "T1667": return .other
    case "T1485", "T1561", "T1495", "T1490", "T0809": return .destruction
    case "T1486": return .encryption
    case "T1491": return .defacement
    // ATT&CK lists theft of operational information as impact.
    case "T0882": return .theft
    default: break
    }
    let tactics = Set(tactics)
    if !tactics.isDisjoint(with: ["ics:impact", "ics:impair-process-control", "ics:inhibit-response-function"]) {
      return .control
    }
    if tactics.contains("impact") { return .denial }
    if tactics.contains("exfiltration") { return .theft }
    // Of a technique with several tactics (credentials read from the keyboard) the other one is the usual reason.
    return tactics == ["collection"] ? .collection : nil
  }

  /// Whether only someone inside a network does it. A technique of several tactics proves the earliest of them and no more; services
  /// denied and pages defaced are reached from outside.
  public var isInside: Bool {
    switch sign {
    case .control, .destruction, .encryption, .theft: true
    case .denial, .defacement: false
    case .collection, .other, nil:
      isTechnique
        && Set(tactics).isDisjoint(with: [
          "reconnaissance", "resource-development", "initial-access", "ics:initial-access", "impact",
        ])
    }
  }
}
