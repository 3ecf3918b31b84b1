/// What became of every line that was read, over restarts too: the counts add up to `lines`. Machine-readable as JSON and as a
/// log line.
public struct Summary: Codable, Equatable, Sendable {
  public init() {}

  /// `lines` = detections + the values of `other` + broken.
  public var lines = 0
  public var detections = 0
  /// Records that are no detections, by `event_type`.
  public var other: [String: Int] = [:]
  public var broken = 0
  /// In the outbox file, where they wait for the broker's answer.
  public var kept = 0
  /// What the broker made of the detections: `detections` = kept + accepted + duplicates + refused, but for answers that a
  /// process heard and was killed before it had noted them.
  public var accepted = 0
  public var duplicates = 0
  public var refused = 0
  /// Accepted detections by the kind of record.
  public var detectionsByKind: [String: Int] = [:]
  /// Times the log was rotated or truncated while it was followed.
  public var rotations = 0

  public enum CodingKeys: String, CodingKey {
    case lines, detections, other, broken, kept, accepted, duplicates, refused
    case detectionsByKind = "detections_by_kind"
    case rotations
  }

  /// `summary lines=562 detections=150 accepted=150 duplicates=0 refused=0 broken=0 other=412 other.dnp3=77 …`
  public var logLine: String {
    var parts = [
      "summary lines=\(lines)", "detections=\(detections)", "accepted=\(accepted)",
      "duplicates=\(duplicates)",
      "refused=\(refused)", "broken=\(broken)", "other=\(other.values.reduce(0, +))", "rotations=\(rotations)",
      "kept=\(kept)",
    ]
    for (kind, count) in detectionsByKind.sorted(by: { $0.key < $1.key }) {
      parts.append("detections.\(kind)=\(count)")
    }
    for (kind, count) in other.sorted(by: { $0.key < $1.key }) { parts.append("other.\(kind)=\(count)") }
    return parts.joined(separator: " ")
  }

  /// For the broker's status.
  public var healthText: String {
    "\(lines) lines, \(detections) detections (\(refused) refused, \(kept) waiting), \(broken) broken lines"
  }
}
