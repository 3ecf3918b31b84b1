extension YAMLScalar {
  /// A plain number with zeros in front, as 0777 or -01.5: octal for YAML 1.1, decimal for YAML 1.2.
  public var beginsWithZeros: Bool {
    let digits =
      text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+")
      ? text.utf8.dropFirst() : text.utf8[...]
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    return isPlain && digits.first == UInt8(ascii: "0") && (digits.dropFirst().first.map(isDigit) ?? false)
      && digits.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
  }

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
