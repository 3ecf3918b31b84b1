import CasusEvents
import SystemFiles

/// An analyzer's checkpoint on disk: what it is of, then the state.
///
///     {"fold":"…","journal":"…","sequence":"120","state_bytes":1802,"state_sha256":"…"} newline | state
///
/// Replaced as a whole and synced: a power cut leaves the old one or the new one. One that does not fit is as good as none.
struct CheckpointFile {
  /// What a state is of.
  struct Place: Hashable {
    /// Digest of all that the fold depends on beside the events: ``fold(_:identity:rights:settings:)``.
    var fold: String
    var journal: String
  }

  private struct Head: Codable {
    var fold: String
    var journal: String
    var sequence: String
    var stateBytes: Int
    var stateSHA256: String

    enum CodingKeys: String, CodingKey {
      case fold, journal, sequence
      case stateBytes = "state_bytes"
      case stateSHA256 = "state_sha256"
    }
  }

  let path: String
  let place: Place

  static func fold(_ manifest: Manifest, identity: String, rights: [String], settings: [UInt8]) -> String {
    derivedID(
      "fold",
      [manifest.program, manifest.version, identity] + manifest.subscribes + [""] + rights + [sha256Hex(settings)])
  }

  func write(_ state: [UInt8], through sequence: UInt64) throws {
    let head = Head(
      fold: place.fold, journal: place.journal, sequence: String(sequence), stateBytes: state.count,
      stateSHA256: sha256Hex(state))
    try Files.replace(path, with: try canonicalJSON(head) + [0x0A] + state, mode: 0o600)
  }

  /// The state and the sequence that it goes up to; nil when there is none that fits, with the reason where that is worth a line.
  ///
  /// - Parameter acked: what is acknowledged: a state that goes beyond has seen what comes again.
  func read(through acked: UInt64) -> (found: (state: [UInt8], sequence: UInt64)?, reason: String?) {
    guard Files.exists(path) else { return (nil, nil) }
    do {
      let bytes = try Files.read(path)
      guard let end = bytes.firstIndex(of: 0x0A) else { return (nil, "it is damaged") }
      let head = try readJSON(Head.self, Array(bytes[..<end]))
      let state = Array(bytes[(end + 1)...])
      guard state.count == head.stateBytes, sha256Hex(state) == head.stateSHA256,
        let sequence = UInt64(head.sequence)
      else { return (nil, "it is damaged") }
      guard head.journal == place.journal else { return (nil, "it is of journal \(head.journal)") }
      guard head.fold == place.fold else {
        return (nil, "the program, its settings or what it may read is another one")
      }
      guard sequence <= acked else { return (nil, "it goes to \(sequence), and only \(acked) is acknowledged") }
      return ((state, sequence), nil)
    } catch {
      return (nil, "\(error)")
    }
  }

  func remove() { Files.remove(path) }
}
