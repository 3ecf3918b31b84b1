/// How good a report is, by the Admiralty code: who says it and how believable it is are two marks.
public struct Admiralty: Codable, Hashable, Sendable {
  /// Of the source.
  public var reliability: SourceReliability
  /// Of what it says, 1 (confirmed by other sources) to 5 (improbable); 6: cannot be judged.
  public var credibility: Int

  public init(
    reliability: SourceReliability, credibility: Int
  ) {
    self.reliability = reliability
    self.credibility = credibility
  }
}

/// Of a source, A (completely reliable) to E (unreliable); F: cannot be judged.
public enum SourceReliability: String, Codable, CaseIterable, Sendable {
  case a = "A"
  case b = "B"
  case c = "C"
  case d = "D"
  case e = "E"
  case f = "F"
}
