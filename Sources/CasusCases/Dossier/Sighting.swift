internal import CasusEvents

/// Detections that say the same of the same place: one row of the page.
struct Sighting {
  /// The earliest.
  let first: DetectionSummary
  private(set) var lastSeen: Timestamp
  private(set) var count: Int
  private(set) var citations: [Citation]

  /// In the order of the earliest of each.
  static func groups(_ detections: [DetectionSummary]) -> [Sighting] {
    var groups: [Sighting] = []
    var places: [String: Int] = [:]
    for detection in detections {
      let techniques = detection.techniques.map(\.label).joined(separator: ",")
      let key = [detection.title, detection.whereLabel, techniques, "\(detection.severityID)", "\(detection.spoofed)"]
        .joined(separator: "\u{1F}")
      guard let place = places[key] else {
        places[key] = groups.count
        groups.append(
          Sighting(
            first: detection, lastSeen: detection.lastSeen, count: detection.count, citations: [detection.citation]))
        continue
      }
      groups[place].lastSeen = max(groups[place].lastSeen, detection.lastSeen)
      groups[place].count += detection.count
      groups[place].citations.append(detection.citation)
    }
    return groups
  }
}
