internal import CasusNames

/// A piece of a Markdown page. What stands in the program is markup; what is put in from elsewhere is text, and forges none:
/// no heading, row, link, emphasis, entity or line of its own. So the compiler sees to it, wherever a page is written.
struct Markdown: Hashable, Sendable, ExpressibleByStringInterpolation {
  fileprivate(set) var text: String

  init(stringLiteral literal: String) { text = literal }
  init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }

  /// Somebody's words.
  init(_ words: String) { text = Self.escaped(words) }
  init(_ mark: EventMark) { text = mark.description }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ words: String) { text += Markdown.escaped(words) }
    mutating func appendInterpolation(_ markdown: Markdown) { text += markdown.text }
    mutating func appendInterpolation(_ mark: EventMark) { text += mark.description }
    mutating func appendInterpolation(_ number: Int) { text += String(number) }
  }

  static func + (left: Markdown, right: Markdown) -> Markdown {
    var sum = left
    sum.text += right.text
    return sum
  }

  /// Text as CommonMark and GitHub's dialect show it: with every character that could be markup escaped, addresses broken as
  /// analysts do (`http[:]//`), so that nobody's renderer makes a link of them, and without line ends.
  private static func escaped(_ words: String) -> String {
    let line = String(words.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    // More blanks in front could make it code.
    let start = line.hasPrefix("  ") ? " " + line.drop { $0 == " " } : line[...]
    let shown = Array(HarmlessText.shown(String(start)).unicodeScalars)
    // A blank in front hides no heading.
    let first = shown.firstIndex { $0 != " " } ?? shown.endIndex
    var out = ""
    for (place, scalar) in shown.enumerated() {
      switch scalar {
      case "\\", "`", "*", "[", "]", "|", "~", "$": out += "\\\(scalar)"
      case "<": out += "&lt;"
      case "&": out += "&amp;"
      case "_" where !isWithinWord(place, shown): out += "\\_"
      case ":" where place + 2 < shown.count && shown[place + 1] == "/" && shown[place + 2] == "/": out += "\\[:\\]"
      case "." where place >= 3 && isWWW(shown[(place - 3)..<place]): out += "\\[.\\]"
      // An address of mail, or somebody who would be called upon.
      case "@": out += "\\[@\\]"
      // What begins a heading, a quotation, a list, a rule or an underline, where it begins the text.
      case "#" where place == first: out += "\\#"
      case ">" where place == first: out += "&gt;"
      case _
      where place == first && "-+=".unicodeScalars.contains(scalar)
        && (isEnd(place + 1, shown) || shown[place + 1] == scalar):
        out += "\\\(scalar)"
      case _ where isListNumber(place, shown, from: first): out += "\\\(scalar)"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func isListNumber(_ place: Int, _ scalars: [Unicode.Scalar], from first: Int) -> Bool {
    place > first && (scalars[place] == "." || scalars[place] == ")") && isEnd(place + 1, scalars)
      && scalars[first..<place].allSatisfy(isDigit)
  }

  private static func isEnd(_ place: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    place >= scalars.count || scalars[place] == " "
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isWWW(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    scalars.allSatisfy { $0 == "w" || $0 == "W" }
  }

  private static func isWithinWord(_ place: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    func isWord(_ place: Int) -> Bool {
      scalars.indices.contains(place) && (scalars[place].properties.isAlphabetic || isDigit(scalars[place]))
    }
    return isWord(place - 1) && isWord(place + 1)
  }
}

extension Sequence<Markdown> {
  func joined(separator: Markdown = "") -> Markdown {
    var text = ""
    for (place, piece) in enumerated() { text += (place == 0 ? "" : separator.text) + piece.text }
    var joined: Markdown = ""
    joined.text = text
    return joined
  }
}

extension Sequence<EventMark> {
  /// With blanks between them.
  var line: Markdown { map { Markdown($0) }.joined(separator: " ") }
}
