extension YAMLScalar {
  /// The JSON literal that a plain scalar is by the core schema of YAML 1.2; nil for a string.
  public static func literal(_ text: String) -> String? {
    switch text {
    case "", "~", "null", "Null", "NULL": return "null"
    case "true", "True", "TRUE": return "true"
    case "false", "False", "FALSE": return "false"
    default: break
    }
    var digits = text.utf8[...]
    let negative = digits.first == UInt8(ascii: "-")
    if negative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard let first = digits.first, (48...57).contains(first) || first == UInt8(ascii: ".") else { return nil }
    if let number = Int64(text) { return String(number) }
    guard digits.allSatisfy({ (48...57).contains($0) || [0x2e, 0x65, 0x45, 0x2b, 0x2d].contains($0) }),
      let number = Double(text), number.isFinite
    else { return nil }
    return "\(number)"
  }
}
