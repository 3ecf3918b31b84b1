/// What a text may be, so that strangers' files cost a bounded amount of time and memory.
public struct YAMLLimits: Hashable, Sendable {
  /// The longest text, in bytes. 64 MiB unless told.
  public var maxBytes: Int
  /// How many lists and mappings may stand within each other, those behind aliases counted where they are used. 64 unless
  /// told; the reader's stack grows with it.
  public var maxDepth: Int
  /// How often `*name` may stand in a text: nine lines of `b: &b [*a, *a, …]` are a value that no memory holds. Files that
  /// people write hardly need it; 16 unless told.
  public var maxAliases: Int
  /// How much all aliases together may stand for: a value counts 1 and a byte of its text counts 1. 2^20 unless told.
  public var maxAliased: Int

  public init(maxBytes: Int = 64 << 20, maxDepth: Int = 64, maxAliases: Int = 16, maxAliased: Int = 1 << 20) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
    self.maxAliases = maxAliases
    self.maxAliased = maxAliased
  }
}
