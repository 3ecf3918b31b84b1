/// What to do about what libyaml does not like: its own sentences say what it sees, not what people did.
enum YAMLAdvice {
  static func encoding(_ problem: String, value: Int) -> String {
    if problem.hasPrefix("control characters") {
      let digits = String(max(0, value), radix: 16, uppercase: true)
      let code = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      return "the character U+\(code) is not allowed; take it out, or write it as an escape in double quotes"
    }
    return "is not UTF-8 text: \(problem); save the file as UTF-8"
  }

  /// To be put behind the problem.
  /// - Parameter byte: what stands at the fault; nil at the end.
  static func syntax(_ problem: String, at byte: UInt8?) -> String {
    if byte == UInt8(ascii: "\t") { return "; a tab stands here: indent with spaces" }
    if problem.hasPrefix("found character that cannot start"), let byte, byte < 0x80 {
      return "; a text that begins with \(Character(Unicode.Scalar(byte))) needs quotes"
    }
    return advice.first { problem.hasPrefix($0.problem) }.map { "; \($0.advice)" } ?? ""
  }

  private static let advice: [(problem: String, advice: String)] = [
    ("mapping values are not allowed", "put a text with \": \" in quotes, and each key on a line of its own"),
    ("did not find expected ',' or ']'", "close the list with ], or put a comma between its elements"),
    ("did not find expected ',' or '}'", "close the mapping with }, or put a comma between its members"),
    ("did not find expected key", "keys of one mapping begin in the same column"),
    ("did not find expected '-'", "elements of one list begin with - in the same column"),
    ("could not find expected ':'", "a key needs a colon and a space behind it"),
    ("found unexpected end of stream", "close the quotes"),
    ("found unexpected document indicator", "close the quotes"),
    ("found unknown escape character", "write \\ twice, or use single quotes"),
    ("block sequence entries are not allowed", "begin the list on a line of its own"),
    ("found undefined tag handle", "a text that begins with ! needs quotes"),
    ("did not find expected alphabetic", "a text that begins with * or & needs quotes"),
    ("did not find expected <document start>", "one value only stands in a file"),
  ]
}
