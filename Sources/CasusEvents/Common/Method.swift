/// How a result was computed, so that someone else can compute it again.
public struct Method: Codable, Hashable, Sendable {
  /// `log-odds-naive-bayes`.
  public var name: String
  public var version: String
  /// Who answers for its numbers, where they are a policy and not a measurement.
  public var author: String?
  /// SHA-256 of the file with its parameters.
  public var parametersSHA256: String?

  public init(
    name: String, version: String, author: String? = nil, parametersSHA256: String? = nil
  ) {
    self.name = name
    self.version = version
    self.author = author
    self.parametersSHA256 = parametersSHA256
  }

  enum CodingKeys: String, CodingKey {
    case name, version, author
    case parametersSHA256 = "parameters_sha256"
  }
}
