/// What a ``JSONParser`` refuses beyond what I-JSON itself forbids.
public struct JSONLimits: Sendable, Hashable {
  /// Which numbers pass. Two readers must never see two different numbers in one text.
  public enum NumberRule: Sendable, Hashable {
    /// RFC 7493's. Beyond ±(2^53 - 1) a number written without an exponent must fit 64 bits and be the very value of a
    /// double, as 18014398509481984 is and 9007199254740993 is not: of another some readers keep every digit and others
    /// round. One written with an exponent is a double by intent and must not overflow (`1e400`). Neither may become zero
    /// when a digit of it isn't (`1e-400`). Fractions are rounded to the nearest double, as every reader does.
    case interoperable
    /// Any number that fits an Int64, a UInt64 or, rounded, a finite double. For texts of others, such as a suite.
    case binary64
  }

  /// The largest document, in bytes. 1 MiB unless told; 2^31 at most.
  public var maxBytes: Int
  /// How many arrays and objects may stand within each other; 1 admits `[]` but not `[[]]`. 32 unless told.
  public var maxDepth: Int
  public var numbers: NumberRule
  /// For texts of others that are evidence, tidy or not. Of two members with one name the first counts; a number that no
  /// 64 bits and no double hold is a string of its digits; bytes that aren't UTF-8 and half surrogate pairs become U+FFFD.
  public var isLenient = false

  public init(maxBytes: Int = 1 << 20, maxDepth: Int = 32, numbers: NumberRule = .interoperable) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
    self.numbers = numbers
  }

  /// See ``isLenient``; up to 64 deep.
  public static func lenient(maxBytes: Int) -> JSONLimits {
    var limits = JSONLimits(maxBytes: maxBytes, maxDepth: 64, numbers: .binary64)
    limits.isLenient = true
    return limits
  }
}
