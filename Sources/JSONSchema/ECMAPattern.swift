/// A regular expression of ECMA-262 in its Unicode mode, which JSON Schema means by `pattern`, as a tree.
///
/// What has no match in linear time (look-around, back references), and escapes that ECMA-262 lacks, are refused.
/// Groups don't capture: only whether a text matches is asked for.
indirect enum ECMAPattern: Equatable {
  case empty
  case set(ScalarSet)
  case sequence([ECMAPattern])
  case choice([ECMAPattern])
  case repeated(ECMAPattern, least: Int, most: Int?)
  case start
  case end
  case boundary(isNegated: Bool)

  struct Fault: Error {
    var message: String
  }

  /// The most that a count in braces may say: RE2's own limit.
  static let largestCount = 1000

  init(_ pattern: String) throws(Fault) {
    var parser = ECMAPatternParser(pattern)
    self = try parser.parse()
  }

  /// As RE2 writes it. Sets are written out, so that the dialects' different classes don't matter.
  var text: String {
    switch self {
    case .empty: return "(?:)"
    case .set(let set): return set.text
    case .sequence(let parts): return parts.map(\.text).joined()
    case .choice(let parts): return "(?:" + parts.map(\.text).joined(separator: "|") + ")"
    case .repeated(let part, let least, let most):
      let count = most.map { $0 == least ? "\(least)" : "\(least),\($0)" } ?? "\(least),"
      return "(?:\(part.text)){\(count)}"
    case .start: return #"\A"#
    case .end: return #"\z"#
    case .boundary(let isNegated): return isNegated ? #"\B"# : #"\b"#
    }
  }
}
