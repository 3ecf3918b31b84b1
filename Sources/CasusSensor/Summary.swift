/// What became of every line that was read, over restarts too: the counts add up to `lines`. Machine-readable as JSON and as a
/// log line.
package struct Summary: Codable, Equatable, Sendable {
  package init() {}

  /// `lines` = detections + the values of `other` + broken.
  package var lines = 0
  package var detections = 0
  /// Records that are no detections, by `event_type`.
  package var other: [String: Int] = [:]
  package var broken = 0
  /// What the broker made of the detections: `detections` = accepted + duplicates + refused, once all are answered.
  package var accepted = 0
  package var duplicates = 0
  package var refused = 0
  /// Accepted detections by the kind of record.
  package var detectionsByKind: [String: Int] = [:]
  /// Times the log was rotated or truncated while it was followed.
  package var rotations = 0

  package enum CodingKeys: String, CodingKey {
    case lines, detections, other, broken, accepted, duplicates, refused
    case detectionsByKind = "detections_by_kind"
    case rotations
  }

  /// `summary lines=562 detections=150 accepted=150 duplicates=0 refused=0 broken=0 other=412 other.dnp3=77 …`
  package var logLine: String {
    var parts = [
      "summary lines=\(lines)", "detections=\(detections)", "accepted=\(accepted)", "duplicates=\(duplicates)",
      "refused=\(refused)", "broken=\(broken)", "other=\(other.values.reduce(0, +))", "rotations=\(rotations)",
    ]
    for (kind, count) in detectionsByKind.sorted(by: { $0.key < $1.key }) {
      parts.append("detections.\(kind)=\(count)")
    }
    for (kind, count) in other.sorted(by: { $0.key < $1.key }) { parts.append("other.\(kind)=\(count)") }
    return parts.joined(separator: " ")
  }

  /// For the broker's status.
  package var healthText: String {
    "\(lines) lines, \(detections) detections (\(refused) refused), \(broken) broken lines"
  }
}
