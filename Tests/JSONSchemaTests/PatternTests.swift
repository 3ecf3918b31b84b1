import SeededRandom
import Testing

@testable import JSONSchema

@Suite("Patterns are those of ECMA-262, matched in linear time")
struct PatternTests {
  private func matches(_ pattern: String, _ text: String, automaton: Bool) throws -> Bool {
    var work = automaton ? 1_000_000 : 0
    let compiled = try Pattern(pattern, maxMemory: 1 << 20, work: &work)
    defer { compiled.destroy() }
    return Array(text.utf8).withUnsafeBufferPointer { compiled.matches($0) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var pattern: String
    var matches: [String]
    var misses: [String]

    var testDescription: String { pattern }
  }

  static let cases: [Case] = [
    Case(pattern: "", matches: ["", "a"], misses: []),
    Case(pattern: "^$", matches: [""], misses: ["a", "\n"]),
    Case(pattern: "^a|b$", matches: ["ac", "cb", "a"], misses: ["ca", "bc", ""]),
    Case(pattern: "^(a|bc)+$", matches: ["a", "bcabc"], misses: ["", "b", "abcb"]),
    Case(pattern: "a.c", matches: ["abc", "aéc", "a😀c", "xabcx"], misses: ["a\nc", "a\rc", "a\u{2028}c", "ac"]),
    Case(pattern: "^abc$", matches: ["abc"], misses: ["abc\n", "\nabc"]),
    Case(pattern: "^\\d{2,3}$", matches: ["12", "123"], misses: ["1", "1234", "١٢"]),
    Case(pattern: "^x{0}$", matches: [""], misses: ["x"]),
    Case(pattern: "^x{2,}$", matches: ["xx", "xxxxx"], misses: ["x"]),
    Case(
      pattern: "^[0-9a-f]{64}$", matches: [String(repeating: "a0", count: 32)],
      misses: [String(repeating: "a", count: 63)]),
    Case(pattern: "^[^\\x00-\\x1F\\x7F]*$", matches: ["", "日本 é"], misses: ["a\tb", "\u{7F}"]),
    Case(pattern: "^[^a-c]{3}$", matches: ["xyz", "é日😀"], misses: ["xaz", "é日"]),
    Case(pattern: "^[à-ÿ日😀]+$", matches: ["àé日😀"], misses: ["a", "😁"]),
    Case(pattern: "^\\s+$", matches: [" \t\n\u{B}\u{A0}\u{2003}\u{FEFF}\u{2029}"], misses: ["\u{2013}", "\u{1}"]),
    Case(pattern: "^\\S+$", matches: ["a\u{2013}\u{1}"], misses: ["a b", "\u{A0}"]),
    Case(pattern: "^[\\s\\d]+$", matches: ["1 2\u{3000}"], misses: ["a"]),
    Case(pattern: "^[^\\s]$", matches: ["a"], misses: ["\u{A0}"]),
    Case(pattern: "^\\w\\W$", matches: ["aé", "1-"], misses: ["ab", "éa"]),
    Case(pattern: "^\\cA\\x41\\u0042\\u{43}\\0$", matches: ["\u{1}ABC\0"], misses: ["\\cAAB"]),
    Case(pattern: "^\\ud83d\\ude00$", matches: ["😀"], misses: ["😁"]),
    Case(pattern: "^[\\b]$", matches: ["\u{8}"], misses: ["b"]),
    Case(pattern: "^[^]$", matches: ["\n", "😀"], misses: ["", "ab"]),
    Case(pattern: "[]", matches: [], misses: ["", "a"]),
    Case(pattern: "^[[:alpha:]]$", matches: ["a]", "[]", ":]"], misses: ["b", "b]", "a"]),
    Case(pattern: "^\\p{Lu}\\P{Lu}$", matches: ["Éa", "A1"], misses: ["aA"]),
    Case(pattern: "^\\p{Script=Greek}+$", matches: ["αβγ"], misses: ["abc"]),
    Case(pattern: "^[\\p{Letter}_]+$", matches: ["é_日"], misses: ["1"]),
    Case(pattern: "\\bcat\\b", matches: ["a cat!", "cat"], misses: ["concat", "cats"]),
    Case(pattern: "^{a}$", matches: ["{a}"], misses: ["a"]),
    Case(pattern: "^a{,3}$", matches: ["a{,3}"], misses: ["a"]),
    Case(pattern: "^(?:a)(?<name>b)$", matches: ["ab"], misses: ["a"]),
    Case(pattern: "^\\/\\-\\.\\$\\^$", matches: ["/-.$^"], misses: ["x"]),
    Case(pattern: "^a+?b*?$", matches: ["a", "aab"], misses: ["b"]),
    Case(pattern: "^[a-]$", matches: ["a", "-"], misses: ["b"]),
    Case(pattern: "a^b", matches: [], misses: ["ab", "a\nb"]),
    Case(pattern: "($|a)x?", matches: ["", "b", "ax"], misses: []),
    Case(pattern: "(^a|b)c", matches: ["ac", "xbc"], misses: ["xac"]),
  ]

  @Test(arguments: cases)
  func `matching`(each: Case) throws {
    for automaton in [true, false] {
      for text in each.matches { #expect(try matches(each.pattern, text, automaton: automaton), "\(text)") }
      for text in each.misses { #expect(try !matches(each.pattern, text, automaton: automaton), "\(text)") }
    }
  }

  @Test(arguments: [
    ("(?=a)", "look-ahead"), ("(?!a)", "look-ahead"), ("(?<=a)", "look-behind"), ("(?<!a)", "look-behind"),
    ("(a)\\1", "back reference"), ("(?<n>a)\\k<n>", "back reference"), ("a**", "nothing to repeat"), ("*", "nothing"),
    ("^*", "nothing to repeat"), ("(a", "parenthesis"), ("a)", "parenthesis"), ("[a", "no end"),
    ("[b-a]", "upside down"),
    ("[\\d-x]", "code point"), ("a{2,1}", "upside down"), ("a{1001}", "at most 1000"), ("\\a", "no such escape"),
    ("\\A", "no such escape"), ("\\Q", "no such escape"), ("\\p{Nonsense}", "not known"), ("\\pL", "braces"),
    ("\\", "backslash"),
    ("\\u12", "hexadecimal"), ("\\ud800", "surrogate"), ("\\u{110000}", "code point"), ("\\01", "octal"),
    ("(?i)a", "no such group"),
    ("\\c1", "letter"), (String(repeating: "(", count: 200), "nest"),
  ])
  func `and refused, with the reason, where they can't be`(pattern: String, reason: String) {
    let text = pattern.map { $0 == "\\" ? "\\\\" : String($0) }.joined()
    let error = refusal(#"{"properties":{"a":{"pattern":"\#(text)"}}}"#)
    #expect(error?.code == .pattern)
    #expect(error?.pointer == "/properties/a/pattern")
    #expect(error?.message.contains(reason) == true)
  }

  @Test(arguments: 0..<60)
  func `the same by the automaton and by RE2`(seed: Int) throws {
    var random = PatternMaker(dice: SeededGenerator(seed: UInt64(seed)))
    for _ in 0..<10 {
      let text = random.pattern(depth: 3)
      var work = 1_000_000
      let automaton = try Pattern(text, maxMemory: 1 << 20, work: &work)
      defer { automaton.destroy() }
      var none = 0
      let re2 = try Pattern(text, maxMemory: 1 << 22, work: &none)
      defer { re2.destroy() }
      for _ in 0..<50 {
        let subject = random.text()
        Array(subject.utf8).withUnsafeBufferPointer { bytes in
          #expect(automaton.matches(bytes) == re2.matches(bytes), "\(text) on \(subject)")
        }
      }
    }
  }

  @Test
  func `small patterns become automatons, large ones and those with properties go to RE2`() throws {
    func becomesAutomaton(_ pattern: String) throws -> Bool {
      var work = 1_000_000
      let automaton = AutomatonBuilder.automaton(try ECMAPattern(pattern), work: &work)
      automaton?.destroy()
      return automaton != nil
    }
    #expect(try becomesAutomaton("^[a-z0-9-]+(\\.[a-z0-9-]+)*$"))
    #expect(try becomesAutomaton("^(0|[1-9][0-9]{0,19})$"))
    #expect(try !becomesAutomaton("\\p{L}"))
    #expect(try !becomesAutomaton("\\bx"))
    // Its automaton has 2^17 states.
    #expect(try !becomesAutomaton("(a|b)*a(a|b){16}"))
    #expect(try !becomesAutomaton("((a{1,100}){1,100}){1,100}"))
    #expect(try !becomesAutomaton("((((){1000}){1000}){1000}){1000}"))
  }

  @Test(.timeLimit(.minutes(15)))
  func `a pattern that hangs back-tracking engines is quick`() throws {
    let text = String(repeating: "a", count: 50_000) + "!"
    for pattern in ["^(a+)+$", "^(a|a)*$", "(a*)*b", "^(a|b|ab)*c$", "^(\\w+\\s?)*$"] {
      for automaton in [true, false] { #expect(try !matches(pattern, text, automaton: automaton)) }
    }
  }
}

private struct PatternMaker {
  var dice: SeededGenerator

  mutating func next(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }

  mutating func pattern(depth: Int) -> String {
    let atoms = [
      "a", "b", "é", "日", "😀", ".", "[ab]", "[^a]", "[é-日]", "\\d", "\\w", "\\S", "^", "$", "-", "[^]", "\\W",
    ]
    switch next(depth > 0 ? 8 : 2) {
    case 0, 1: return atoms[next(atoms.count)]
    case 2, 3: return pattern(depth: depth - 1) + pattern(depth: depth - 1)
    case 4: return "(" + pattern(depth: depth - 1) + "|" + pattern(depth: depth - 1) + ")"
    case 5: return "(" + pattern(depth: depth - 1) + ")*"
    case 6: return "(?:" + pattern(depth: depth - 1) + "){\(next(3)),\(3 + next(2))}"
    default: return "(" + pattern(depth: depth - 1) + ")?" + pattern(depth: depth - 1)
    }
  }

  mutating func text() -> String {
    let alphabet = ["a", "b", "c", "1", "-", " ", "\n", "é", "日", "本", "😀", "\u{10FFFD}", "\u{800}", "\u{7FF}"]
    return (0..<next(8)).map { _ in alphabet[next(alphabet.count)] }.joined()
  }
}
