import CasusEvents
import SeededRandom

extension SeededGenerator {
  /// The same numbers for every revision of an incident, so that two revisions differ by their inputs and not by luck.
  init(incident: String) {
    let digest = SHA256Digest(of: Array(incident.utf8)).bytes
    self.init(seed: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Even over 0..<1, in steps of 2⁻⁵³.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
