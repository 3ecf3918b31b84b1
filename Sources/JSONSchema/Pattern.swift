internal import CRE2

/// A compiled regular expression, owned by one program. Matching is thread-safe and linear in the text.
struct Pattern {
  let handle: OpaquePointer
  /// What a match costs for each byte of the text, in the steps of ``SchemaLimits/maxCost``.
  let stepsPerByte: UInt32

  init(_ pattern: String, maxMemory: Int) throws(ECMAPattern.Fault) {
    var translated = try ECMAPattern.translated(pattern)
    var message: String?
    let handle = translated.withUTF8 { text in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 200) { error in
        let handle = text.withMemoryRebound(to: CChar.self) { text in
          cre2_compile(text.baseAddress, text.count, Int64(maxMemory), error.baseAddress, error.count)
        }
        if handle == nil { message = String(cString: error.baseAddress!) }
        return handle
      }
    }
    guard let handle else { throw ECMAPattern.Fault(message: message ?? "not a regular expression") }
    self.handle = handle
    stepsPerByte = UInt32(max(1, cre2_program_size(handle) / 2))
  }

  @inline(__always)
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    cre2_matches(handle, text.baseAddress, text.count)
  }

  func destroy() {
    cre2_destroy(handle)
  }
}
