import CasusEvents

/// Random numbers that follow from a seed alone: SplitMix64 (Steele, Lea and Flood 2014). Not for secrets.
struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The same numbers for every revision of an incident, so that two revisions differ by their inputs and not by luck.
  init(incident: String) {
    let digest = SHA256Digest(of: Array(incident.utf8)).bytes
    self.init(seed: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Even over 0..<1, in steps of 2⁻⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
