import Assessment
import CasusEvents
import Knowledge

/// That one event says that one thing was observed, before reports are put together.
struct Report: Sendable, Equatable {
  var kind: Evidence.Kind
  var id: String
  var name: String
  var group: String
  /// r, 0...1.
  var reliability: Double
  var forgeability: Forgeability
  var ref: EventReference
}

/// The last detections and effects seen, as what they report: a few hundred bytes each. What fell out is still counted
/// through the incident's own summary of techniques.
typealias Notebook = EventShelf<[Report]>

extension EventShelf where Content == [Report] {
  init() { self.init(capacity: 50_000) }
}

/// Reads reports out of events by one agency's settings.
struct ReportReader: Sendable {
  let settings: AttributionSettings
  let knowledge: AttackKnowledge
  private let softwareNames: [String: String]

  init(settings: AttributionSettings, knowledge: AttackKnowledge) {
    self.settings = settings
    self.knowledge = knowledge
    softwareNames = Dictionary(
      knowledge.features.filter { !$0.isTechnique }.map { ($0.name.lowercased(), $0.id) },
      uniquingKeysWith: { first, _ in first })
  }

  func reports(of detection: Detection, ref: EventReference) -> [Report] {
    let r = settings.reliability(of: ref.source, grade: detection.admiralty) * (detection.confidence ?? 1)
    let group = settings.dependenceGroup(source: ref.source, analytic: detection.finding.analytic.uid)
    let techniques = detection.techniques.map {
      technique($0.id, probability: $0.probability, r: r, group: group, ref: ref, spoofed: detection.spoofed)
    }
    let software = detection.software.map {
      self.software($0, r: r, group: group, ref: ref, spoofed: detection.spoofed)
    }
    return (techniques + software).compactMap { $0 }
  }

  func reports(of effect: Effect, ref: EventReference) -> [Report] {
    // A fault or a storm says nothing of who did it.
    guard effect.cause == .maliciousAction || effect.cause == .unknown else { return [] }
    let act: (id: String, name: String)? =
      switch effect.kind {
      case .outage, .degradation, .lossOfControl, .lossOfView, .physicalDamage:
        ("disruption", "a service was disrupted")
      case .dataTheft: ("theft", "data were stolen")
      case .dataLoss, .other: nil
      }
    guard let act else { return [] }
    let r = settings.reliability(of: ref.source, grade: effect.admiralty) * (effect.cause == .unknown ? 0.5 : 1)
    return [report(.act, act.id, act.name, r: r, forgeability: .low, group: ref.source, ref: ref)]
  }

  /// The techniques and software that an incident lists itself, for those that no note covers.
  func reports(of incident: Incident, ref: EventReference, besides covered: Set<String>) -> [Report] {
    let r = settings.reliability(of: ref.source, grade: incident.admiralty)
    var reports = incident.techniques.filter { !covered.contains($0.id) }.compactMap {
      technique($0.id, probability: $0.probability, r: r, group: ref.source, ref: $0.refs.first ?? ref, spoofed: false)
    }
    reports += incident.software.compactMap { software($0, r: r, group: ref.source, ref: ref, spoofed: false) }
      .filter { !covered.contains($0.id) }
    if incident.phase >= .presence {
      reports.append(
        report(
          .act, "hijacking", "systems were taken over", r: r, forgeability: .low,
          // It follows from what the sensors saw and is no source beside them.
          group: incident.detections.first?.source ?? ref.source, ref: ref))
    }
    return reports
  }

  private func technique(
    _ id: String, probability: Double, r: Double, group: String, ref: EventReference, spoofed: Bool
  ) -> Report? {
    guard let feature = knowledge.feature(id) else { return nil }
    return report(
      .technique, id, knowledge.features[feature].name, r: r * probability, forgeability: spoofed ? .high : .moderate,
      group: group, ref: ref)
  }

  private func software(
    _ software: Software, r: Double, group: String, ref: EventReference, spoofed: Bool
  ) -> Report? {
    let byID = software.id.flatMap { knowledge.feature($0) }
    guard let feature = byID ?? softwareNames[software.name.lowercased()].flatMap({ knowledge.feature($0) }) else {
      return nil
    }
    let known = knowledge.features[feature]
    // A name alone is often no more than a likeness of code.
    let easy = spoofed || byID == nil
    return report(
      .software, known.id, known.name, r: r * (software.probability ?? 1), forgeability: easy ? .high : .moderate,
      group: group, ref: ref)
  }

  private func report(
    _ kind: Evidence.Kind, _ id: String, _ name: String, r: Double, forgeability: Forgeability, group: String,
    ref: EventReference
  ) -> Report {
    Report(
      kind: kind, id: id, name: name, group: group, reliability: min(1, max(0, r)), forgeability: forgeability,
      ref: ref)
  }
}

extension Evidence {
  /// Reports put together: within one dependence group an observation counts once, by its most reliable report.
  static func gathered(_ reports: [Report]) -> [Evidence] {
    var found: [String: [String: Evidence]] = [:]
    for report in reports.sorted(by: Report.inOrder) {
      if var known = found[report.id]?[report.group] {
        known.count += 1
        if known.refs.count < 3, !known.refs.contains(report.ref) { known.refs.append(report.ref) }
        known.forgeability = min(known.forgeability, report.forgeability)
        found[report.id]?[report.group] = known
      } else {
        found[report.id, default: [:]][report.group] = Evidence(
          kind: report.kind, id: report.id, name: report.name, dependenceGroup: report.group,
          reliability: report.reliability, forgeability: report.forgeability, count: 1, refs: [report.ref])
      }
    }
    return found.values.flatMap(\.values).sorted(by: Evidence.inOrder)
  }
}

extension Report {
  /// The most reliable first, then by the event's name: the same whatever order they came in.
  static func inOrder(_ a: Report, _ b: Report) -> Bool {
    if a.reliability != b.reliability { return a.reliability > b.reliability }
    return (a.ref.source, a.ref.id, a.id) < (b.ref.source, b.ref.id, b.id)
  }
}
