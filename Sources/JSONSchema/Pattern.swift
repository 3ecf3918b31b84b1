internal import CRE2

/// A compiled regular expression, owned by one program: an automaton where that is small, else RE2. Either way a match
/// is thread-safe and takes time linear in the text.
struct Pattern {
  private enum Engine {
    case automaton(ByteAutomaton)
    case re2(OpaquePointer)
  }

  private let engine: Engine
  /// What a match costs, in steps of ``SchemaLimits/maxCost`` for 8 bytes of the text.
  private let steps: Int

  /// - Parameter work: how much may still be tried to make automatons, for all patterns of a schema; none makes it RE2.
  init(_ text: String, maxMemory: Int, work: inout Int) throws(ECMAPattern.Fault) {
    let pattern = try ECMAPattern(text)
    if work > 0, let automaton = AutomatonBuilder.automaton(pattern, work: &work) {
      engine = .automaton(automaton)
      steps = 1
      return
    }
    let handle = try Self.compiled(pattern.text, maxMemory: maxMemory)
    engine = .re2(handle)
    steps = 8 * max(1, Int(cre2_program_size(handle)) / 4)
  }

  private static func compiled(_ text: String, maxMemory: Int) throws(ECMAPattern.Fault) -> OpaquePointer {
    var text = text
    var message = "not a regular expression"
    let handle = text.withUTF8 { text in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { error in
        let handle = text.withMemoryRebound(to: CChar.self) { text in
          cre2_compile(text.baseAddress, text.count, Int64(maxMemory), error.baseAddress, error.count)
        }
        if handle == nil, let text = error.baseAddress { message = String(cString: text) }
        return handle
      }
    }
    guard let handle else { throw ECMAPattern.Fault(message: message) }
    return handle
  }

  @inline(__always)
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch engine {
    case .automaton(let automaton): automaton.matches(text)
    case .re2(let handle): cre2_matches(handle, text.baseAddress, text.count)
    }
  }

  /// The steps that a match against a text of so many bytes takes at most.
  @inline(__always)
  func cost(_ bytes: Int) -> Int {
    bytes / 8 * steps + steps
  }

  func destroy() {
    switch engine {
    case .automaton(let automaton): automaton.destroy()
    case .re2(let handle): cre2_destroy(handle)
    }
  }
}
