internal import CKnowledge

/// The published damage scales as numbers and short option ids (`Data/scales.json`). A plain value, safe anywhere.
public struct DamageScales: Sendable, Decodable {
  /// One input of NCISS: a weight and what can be chosen.
  public struct Category: Sendable, Decodable, Hashable {
    public var id: String
    public var weight: Double
    /// In rising order of value.
    public var options: [Option]
  }

  /// `["prepare", 40]`
  public struct Option: Sendable, Decodable, Hashable {
    public var id: String
    public var value: Double

    public init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      id = try row.decode(String.self)
      value = try row.decode(Double.self)
    }
  }

  public struct Scored: Sendable, Decodable, Hashable {
    public var title: String
    public var version: String
    public var categories: [Category]
  }

  /// A scale of named steps.
  public struct Ladder: Sendable, Decodable, Hashable {
    public var id: String
    public var title: String
    public var version: String
    public var levels: [Level]
  }

  /// `[3, "High"]`
  public struct Level: Sendable, Decodable, Hashable {
    public var value: Int
    public var name: String

    public init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      value = try row.decode(Int.self)
      name = try row.decode(String.self)
    }
  }

  public var nciss: Scored
  public var ladders: [Ladder]

  public static let shared: DamageScales = embedded(DamageScales.self, casus_scales_json)

  public func ladder(_ id: String) -> Ladder? { ladders.first { $0.id == id } }
}
