/// What belongs together and what is worth an incident. The numbers are choices, not measurements; a topology can set
/// them, and every incident names the version of the method that used them.
struct Policy: Codable, Hashable, Sendable {
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
  /// Detections and effects kept in memory; beyond it the incidents that were quiet longest are closed.
  var maximumItems = 50_000

  enum CodingKeys: String, CodingKey, CaseIterable {
    case operatorWindowHours = "operator_window_h"
    case indicatorWindowHours = "indicator_window_h"
    case hostWindowHours = "host_window_h"
    case commonIndicator = "common_indicator"
    case techniqueThreshold = "technique_threshold"
    case effectThreshold = "effect_threshold"
    case openingSeverity = "opening_severity"
    case openingCount = "opening_count"
    case maximumItems = "maximum_items"
  }

  init() {}

  init(from decoder: any Decoder) throws {
    let names = try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue).sorted()
    let known = CodingKeys.allCases.map(\.rawValue)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "there is no setting '\(unknown)'; there are \(known.sorted().joined(separator: ", "))"))
    }
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func set<T: Decodable & Comparable>(_ key: CodingKeys, _ range: ClosedRange<T>, _ value: inout T) throws {
      guard let given = try values.decodeIfPresent(T.self, forKey: key) else { return }
      guard range.contains(given) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription: "\(key.rawValue) must lie between \(range.lowerBound) and \(range.upperBound)")
      }
      value = given
    }
    try set(.operatorWindowHours, 1...87_600, &operatorWindowHours)
    try set(.indicatorWindowHours, 1...87_600, &indicatorWindowHours)
    try set(.hostWindowHours, 1...87_600, &hostWindowHours)
    try set(.commonIndicator, 2...10_000, &commonIndicator)
    try set(.techniqueThreshold, 0.01...1, &techniqueThreshold)
    try set(.effectThreshold, 0.01...1, &effectThreshold)
    try set(.openingSeverity, 1...6, &openingSeverity)
    try set(.openingCount, 1...10_000, &openingCount)
    try set(.maximumItems, 100...10_000_000, &maximumItems)
  }
}

private struct AnyName: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
