import CasusEvents
import Knowledge

/// Which phase of ODNI's Cyber Threat Framework a technique belongs to, by its ATT&CK tactics.
///
/// Prepare: reconnaissance and resources. Engage: first contact. Presence: everything inside. Effect: data taken out, or
/// something stopped, changed or destroyed. A technique of several tactics belongs to the earliest: it proves no more.
enum Phases {
  static func phase(ofTactic tactic: String) -> Phase {
    switch tactic {
    case "reconnaissance", "resource-development": .prepare
    case "initial-access", "ics:initial-access": .engage
    case "exfiltration", "impact", "ics:impact", "ics:inhibit-response-function", "ics:impair-process-control": .effect
    default: .presence
    }
  }

  /// Nil for a technique that ATT&CK does not have; a sub-technique that it doesn't have counts as its parent.
  static func phase(of technique: String) -> Phase? { table[technique] ?? table[String(technique.prefix(5))] }

  static func name(of technique: String) -> String? { names[technique] }

  private static let techniques = AttackKnowledge.shared.features.filter(\.isTechnique)
  private static let names = Dictionary(techniques.map { ($0.id, $0.name) }) { first, _ in first }
  private static let table: [String: Phase] = Dictionary(
    techniques.compactMap { feature in feature.tactics.map(phase(ofTactic:)).min().map { (feature.id, $0) } }
  ) { first, _ in first }
}
