import CasusEvents
import IJSON

/// An analyzer whose state is kept in a file of its state folder now and then, so that a new start need not read everything
/// again: only what lies behind the checkpoint. For who reads much and keeps little; whoever reads few events has no need of it.
///
///     struct Watch: CheckpointedAnalyzer {
///       struct State: Codable, Sendable { var hits: [String: Int] = [:] }
///       var state = State()
///       …
///     }
///
/// A checkpoint is taken up only by the same program in the same version, with the same settings and identity, that is sent the same of the same
/// journal, and when everything in it was acknowledged. Otherwise the history is read from its beginning. With the checkpoint and
/// without the same comes out: that is the analyzer's promise, and a test's matter (`state` through `canonicalJSON` and back).
public protocol CheckpointedAnalyzer: Analyzer {
  associatedtype State: Codable & Sendable
  /// All that `handle` depends on, but for the settings.
  var state: State { get set }
}

extension CheckpointedAnalyzer {
  var encodedState: [UInt8] { get throws { try canonicalJSON(state) } }

  mutating func restore(_ bytes: [UInt8]) throws {
    // As large as the state is: its digest has been compared.
    let limits = JSONLimits(maxBytes: 1 << 31, maxDepth: 64, numbers: .binary64)
    state = try JSONDocument(bytes, limits: limits).decode(State.self)
  }
}
