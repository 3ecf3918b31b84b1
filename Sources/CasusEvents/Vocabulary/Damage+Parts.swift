/// One input of a scale.
public struct ScaleInput: Codable, Hashable, Sendable {
  /// As the scale calls it.
  public var name: String
  /// False: nobody said; the range below is all that is possible.
  public var known: Bool
  /// The option taken, or the likeliest.
  public var selected: String?
  /// Its number on the scale.
  public var value: Double?
  public var low: Double?
  public var high: Double?
  /// Where it comes from.
  public var basis: String?
  /// Share of the result's variance that this input explains, 0...1.
  public var influence: Double?
  public var refs: [EventReference]

  public init(
    name: String, known: Bool, selected: String? = nil, value: Double? = nil, low: Double? = nil, high: Double? = nil,
    basis: String? = nil, influence: Double? = nil, refs: [EventReference] = []
  ) {
    self.name = name
    self.known = known
    self.selected = selected
    self.value = value
    self.low = low
    self.high = high
    self.basis = basis
    self.influence = influence
    self.refs = refs
  }
}

/// A step of a scale, and the range it may lie in.
public struct ScaleLevel: Codable, Hashable, Sendable {
  /// As the scale counts (on some, 1 is the worst).
  public var value: Int
  /// `Severe`.
  public var name: String?
  public var low: Int
  public var high: Int

  public init(
    value: Int, name: String? = nil, low: Int, high: Int
  ) {
    self.value = value
    self.name = name
    self.low = low
    self.high = high
  }
}

/// A number on a scale.
public struct ScaleScore: Codable, Hashable, Sendable {
  /// The median.
  public var value: Double
  public var interval: Interval
  /// The scale's own ends.
  public var minimum: Double
  public var maximum: Double

  public init(
    value: Double, interval: Interval, minimum: Double, maximum: Double
  ) {
    self.value = value
    self.interval = interval
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// An incident on one published scale. Scales don't agree, so none of them is *the* score.
public struct ScaleResult: Codable, Hashable, Sendable {
  /// `nciss`, `ppd41`, `nisc-2018`, `ncsc-uk`, `eu-nis`, `eurepoc`, `dcid`, …
  public var scale: String
  public var title: String
  public var version: String
  public var score: ScaleScore?
  public var level: ScaleLevel?
  public var inputs: [ScaleInput]
  /// Whose cut-offs made the level out of the score, where the scale has none of its own.
  public var levelPolicy: String?
  public var notes: [String]

  public init(
    scale: String, title: String, version: String, score: ScaleScore? = nil, level: ScaleLevel? = nil,
    inputs: [ScaleInput], levelPolicy: String? = nil, notes: [String] = []
  ) {
    self.scale = scale
    self.title = title
    self.version = version
    self.score = score
    self.level = level
    self.inputs = inputs
    self.levelPolicy = levelPolicy
    self.notes = notes
  }

  enum CodingKeys: String, CodingKey {
    case scale, title, version, score, level, inputs
    case levelPolicy = "level_policy"
    case notes
  }
}

/// What would narrow the result most, if someone knew it.
public struct UnknownInput: Codable, Hashable, Sendable {
  public var name: String
  /// Where it counts.
  public var scales: [String]
  /// Share of the variance it explains, 0...1.
  public var influence: Double?
  /// What to ask, and whom.
  public var question: String?

  public init(
    name: String, scales: [String], influence: Double? = nil, question: String? = nil
  ) {
    self.name = name
    self.scales = scales
    self.influence = influence
    self.question = question
  }
}

/// The next six hours (EU taxonomy).
public enum Outlook: String, Codable, CaseIterable, Sendable {
  case improving
  case stable
  case worsening
  case unknown
}
