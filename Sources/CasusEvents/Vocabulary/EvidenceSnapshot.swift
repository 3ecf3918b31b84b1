/// One event that a statement rests on.
public struct EvidenceItem: Codable, Hashable, Sendable {
  /// Its place in the journal, decimal digits.
  public var sequence: String
  /// Of its bytes.
  public var sha256: String

  public init(
    sequence: String, sha256: String
  ) {
    self.sequence = sequence
    self.sha256 = sha256
  }
}

/// What a statement rests on: every event by its place and digest, and the Merkle root (RFC 6962) over the journal from its first
/// sequence to `treeSize`. Later events can neither be slipped in nor taken out.
public struct EvidenceSnapshot: Codable, Hashable, Sendable {
  /// The sequence of the journal's last event then, decimal digits.
  public var treeSize: String
  /// 64 lower-case hexadecimal digits.
  public var root: String
  /// By sequence, each once; at most 256: an incident's event names its own detections.
  public var events: [EvidenceItem]
  /// How much evidence the incident had then: its newest revision, the newest of each assessment, and every detection and
  /// effect that it counts. `events` covers so much of it as it lists.
  public var evidenceCount: Int

  public init(
    treeSize: String, root: String, events: [EvidenceItem], evidenceCount: Int
  ) {
    self.treeSize = treeSize
    self.root = root
    self.events = events
    self.evidenceCount = evidenceCount
  }

  enum CodingKeys: String, CodingKey {
    case treeSize = "tree_size"
    case root, events
    case evidenceCount = "evidence_count"
  }
}
