import Assessment

/// What belongs together and what is worth an incident. The numbers are choices, not measurements; a topology can set
/// them, and every incident names the version of the method that used them.
struct CorrelatorSettings: Policy, Hashable {
  /// Evidence at one operator belongs together within this many hours. Intrusions into power grids took months, with
  /// quiet weeks in between.
  var operatorWindowHours = 336
  /// Evidence that shares an address outside, a name, a file or a sender belongs together within this many hours.
  var indicatorWindowHours = 1440
  /// What connects two hosts belongs together within this many hours.
  var hostWindowHours = 336
  /// An indicator that this many incidents have is everybody's, and links nothing any more.
  var commonIndicator = 8
  /// A technique counts as seen from this probability on.
  var techniqueThreshold = 0.3
  /// The incident has reached `effect` from this probability of such a technique on: a single command to a controller is
  /// everyday operation more often than not.
  var effectThreshold = 0.7
  /// A detection of this severity (OCSF) is an incident by itself.
  var openingSeverity = 3
  /// So are this many detections with at least two techniques.
  var openingCount = 3
  /// Detections and effects kept in memory; beyond it the incidents of the source that has most are closed, those first that were
  /// quiet longest.
  var maximumItems = 50_000
  /// Incidents and revisions that one source may cause at once. More come with what it sends: see `SourceBudget`.
  var sourcePublications = 128

  enum CodingKeys: String, CodingKey {
    case operatorWindowHours = "operator_window_h"
    case indicatorWindowHours = "indicator_window_h"
    case hostWindowHours = "host_window_h"
    case commonIndicator = "common_indicator"
    case techniqueThreshold = "technique_threshold"
    case effectThreshold = "effect_threshold"
    case openingSeverity = "opening_severity"
    case openingCount = "opening_count"
    case maximumItems = "maximum_items"
    case sourcePublications = "source_publications"
  }

  func check(_ faults: PolicyFaults) {
    for (key, hours) in [
      (CodingKeys.operatorWindowHours, operatorWindowHours), (.indicatorWindowHours, indicatorWindowHours),
      (.hostWindowHours, hostWindowHours),
    ] {
      faults.require(key.rawValue, Double(hours), in: 1...87_600)
    }
    faults.require(CodingKeys.commonIndicator.rawValue, Double(commonIndicator), in: 2...10_000)
    faults.require(CodingKeys.techniqueThreshold.rawValue, techniqueThreshold, in: 0.01...1)
    faults.require(CodingKeys.effectThreshold.rawValue, effectThreshold, in: 0.01...1)
    faults.require(CodingKeys.openingSeverity.rawValue, Double(openingSeverity), in: 1...6)
    faults.require(CodingKeys.openingCount.rawValue, Double(openingCount), in: 1...10_000)
    faults.require(CodingKeys.maximumItems.rawValue, Double(maximumItems), in: 100...10_000_000)
    faults.require(CodingKeys.sourcePublications.rawValue, Double(sourcePublications), in: 1...1_000_000)
  }
}
