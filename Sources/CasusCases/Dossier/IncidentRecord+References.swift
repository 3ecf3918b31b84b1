internal import CasusEvents

extension IncidentRecord {
  /// Every event that the incident and its current assessments name.
  var references: [EventReference] {
    let incident = current.data
    var all = incident.detections + incident.effects + incident.steps.compactMap(\.ref)
    all += incident.techniques.flatMap(\.refs) + (incident.refs ?? [])
    for attribution in attributions.current.map(\.data) {
      all += attribution.refs + attribution.evidence.flatMap(\.refs) + attribution.flips.flatMap(\.refs)
    }
    for purpose in purposes.current.map(\.data) {
      all += purpose.refs + purpose.evidence.flatMap(\.refs) + purpose.flips.flatMap(\.refs)
    }
    for damage in damages.current.map(\.data) {
      all += damage.refs + damage.scales.flatMap { $0.inputs.flatMap(\.refs) }
    }
    return all
  }
}
