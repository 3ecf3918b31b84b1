public import CasusEvents

/// A detection as a dossier shows it.
public struct DetectionSummary: Codable, Hashable, Sendable {
  public var title: String
  public var uid: String
  public var severityID: Int
  public var confidence: Double?
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  public var count: Int
  public var techniques: [Technique]
  public var software: [Software]
  public var asset: Asset?
  public var flow: Flow?
  public var spoofed: Bool
  public var admiralty: Admiralty?
  public var citation: Citation

  public init(_ detection: Detection, _ citation: Citation) {
    title = detection.finding.title
    uid = detection.finding.uid
    severityID = detection.severityID
    confidence = detection.confidence
    firstSeen = detection.firstSeen
    lastSeen = detection.lastSeen
    count = detection.count
    techniques = detection.techniques
    software = detection.software
    asset = detection.asset
    flow = detection.flow
    spoofed = detection.spoofed
    admiralty = detection.admiralty
    self.citation = citation
  }

  enum CodingKeys: String, CodingKey {
    case title, uid
    case severityID = "severity_id"
    case confidence
    case firstSeen = "first_seen"
    case lastSeen = "last_seen"
    case count, techniques, software, asset, flow, spoofed, admiralty, citation
  }
}
