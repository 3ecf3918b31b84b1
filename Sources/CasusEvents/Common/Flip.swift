/// What would change a result: without this evidence, or with another value, it would be another one.
public struct Flip: Codable, Hashable, Sendable {
  /// The change in words: `without evidence group suricata:G1`.
  public var change: String
  /// What the result would be then: a hypothesis, a conclusion, a level.
  public var result: String
  /// Of that result then, 0...1.
  public var probability: Double?
  /// The evidence concerned.
  public var refs: [EventReference]

  public init(
    change: String, result: String, probability: Double? = nil, refs: [EventReference] = []
  ) {
    self.change = change
    self.result = result
    self.probability = probability
    self.refs = refs
  }
}
