/// A part of the program that reads bytes which nobody vouches for, and what must hold for any of them.
struct FuzzTarget: Sendable {
  let name: String
  /// A file of `dictionaries`, without its suffix.
  var dictionary: String?
  /// How long an input may grow.
  var maxBytes = 4096
  /// Traps where something does not hold.
  let check: @Sendable (UnsafeRawBufferPointer) -> Void
  /// What to begin from; `given` are files from elsewhere (events).
  var seeds: @Sendable (_ given: [[UInt8]]) -> [[UInt8]] = { $0 }

  static let all: [FuzzTarget] = [
    .clientFrame, .brokerFrame, .publishBatch, .deliverBatch, .json, .event, .schema, .schemaChange, .pattern,
    .mcap, .segment, .recovery, .values, .yaml, .registry, .configuration, .topology, .keyFile, .text,
  ]

  static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that has to hold for every input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

extension UnsafeRawBufferPointer {
  /// The parts between bytes 0xFF, which stand in no UTF-8 text; the last one takes what is left.
  func parts(_ count: Int) -> [[UInt8]] {
    let parts = split(separator: 0xFF, maxSplits: count - 1, omittingEmptySubsequences: false).map { Array($0) }
    return parts + Array(repeating: [], count: count - parts.count)
  }
}

/// Seeds of several parts.
func joined(_ parts: String...) -> [UInt8] {
  Array(parts.map { Array($0.utf8) }.joined(separator: [0xFF]))
}
