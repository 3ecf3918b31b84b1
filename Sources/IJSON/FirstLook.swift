internal import CSimdjson

extension UnsafeRawBufferPointer {
  /// Whether a JSON text may hold a string of ASCII letters and digits, such as a member's name, as it stands or with letters of it
  /// written as escapes (`\u0073ha256`). False says that a parse would find none. Goes over the text at the speed of memory.
  package func mayHold(_ text: StaticString) -> Bool {
    let bytes = bindMemory(to: UInt8.self)
    let last = text.utf8CodeUnitCount - 1
    // Whether as such or as an escape, a letter of ASCII is below 0x80.
    return has(text.utf8Start[0], last, text.utf8Start[last]) && bytes.hasText(text)
      || has(UInt8(ascii: "\\"), 1, UInt8(ascii: "u")) && bytes.hasText("\\u00")
  }

  private func has(_ first: UInt8, _ distance: Int, _ second: UInt8) -> Bool {
    csimdjson_has_pair(baseAddress, count, first, distance, second) != 0
  }
}
