import Assessment
import CasusEvents

/// One thing observed, as reported by one dependence group. What two groups report counts once, with more reliability.
struct Evidence: Sendable, Equatable {
  enum Kind: String, Sendable {
    case technique
    case software
    /// What was done to the victim: data stolen, a service disrupted, systems taken over.
    case act
  }

  var kind: Kind
  /// `T0855`, `S0604`; for an act `theft`, `disruption` or `hijacking`.
  var id: String
  var name: String
  var dependenceGroup: String
  /// r: that the report is true, 0...1.
  var reliability: Double
  var forgeability: Forgeability
  /// How many detections or reports say so.
  var count: Int
  var refs: [EventReference]
}

extension Evidence {
  /// In an order that doesn't depend on how it came: by what was observed, the most reliable report first.
  static func inOrder(_ a: Evidence, _ b: Evidence) -> Bool {
    if a.id != b.id { return a.id < b.id }
    if a.reliability != b.reliability { return a.reliability > b.reliability }
    return a.dependenceGroup < b.dependenceGroup
  }
}

extension AttributionSettings {
  /// r of a source: the settings' own number (the longest matching beginning), else by its grade, else `ungraded`.
  func reliability(of source: String, grade: Admiralty?) -> Double {
    let own = reliability.filter { source.utf8.starts(with: $0.key.utf8) }
      .max { ($0.key.utf8.count, $1.key) < ($1.key.utf8.count, $0.key) }
    return own?.value ?? grade.map(Reliability.of) ?? ungraded
  }

  /// The longest beginning of `uid` that the settings name a vendor for; the source where there is none.
  func dependenceGroup(source: String, analytic uid: String?) -> String {
    guard let uid else { return source }
    let vendor = vendors.filter { uid.utf8.starts(with: $0.key.utf8) }
      .max { ($0.key.utf8.count, $1.key) < ($1.key.utf8.count, $0.key) }
    return vendor?.value ?? source
  }

  func excludes(_ kind: Evidence.Kind, _ id: String, from source: String) -> Bool {
    exclude.contains { rule in
      rule == kind.rawValue || id == rule || id.hasPrefix(rule + ".")
        || (rule.hasPrefix("//") && source.utf8.starts(with: rule.utf8))
    }
  }
}
