import IJSON
import Testing

@Suite("The strict reader stays within its limits whatever it is given")
struct LimitTests {
  @Test(arguments: [1, 2, 31, 32])
  func `depth is counted in containers within each other`(limit: Int) {
    let limits = JSONLimits(maxDepth: limit)
    let open = String(repeating: "[", count: limit)
    let close = String(repeating: "]", count: limit)
    #expect(refusal(open + close, limits: limits) == nil)
    #expect(refusal(open + "1" + close, limits: limits) == nil)
    let error = refusal("[" + open + close + "]", limits: limits)
    #expect(error?.code == .depth)
    #expect(error?.offset == limit)
    let objects = String(repeating: "{\"a\":", count: limit) + "0" + String(repeating: "}", count: limit)
    #expect(refusal(objects, limits: limits) == nil)
    #expect(refusal("{\"b\":" + objects + "}", limits: limits)?.code == .depth)
  }

  @Test
  func `a scalar has no depth`() {
    #expect(refusal("1", limits: .init(maxDepth: 0)) == nil)
    #expect(refusal("[]", limits: .init(maxDepth: 0))?.code == .depth)
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"a\":", "[0,"])
  func `a hundred thousand brackets cost no stack`(opening: String) {
    let text = String(repeating: opening, count: 100_000)
    #expect(refusal(text, limits: .init(maxBytes: 1 << 24))?.code == .depth)
    // With a limit beyond it, the text only ends too early.
    #expect(refusal(text, limits: .init(maxBytes: 1 << 24, maxDepth: 300_000))?.code == .syntax)
  }

  @Test
  func `a deep document is accepted when the limit allows it`() {
    let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    #expect(refusal(text, limits: .init(maxDepth: 100_000)) == nil)
  }

  @Test
  func `size is counted in bytes`() {
    let limits = JSONLimits(maxBytes: 10)
    #expect(refusal("\"12345678\"", limits: limits) == nil)
    #expect(refusal("\"123456789\"", limits: limits)?.code == .size)
    #expect(refusal("\"ééééé\"", limits: limits)?.code == .size)
    #expect(refusal(String(repeating: " ", count: 11), limits: limits)?.code == .size)
  }

  @Test(.timeLimit(.minutes(15)))
  func `a megabyte of one name is refused at its second`() {
    let text = "{" + Array(repeating: "\"a\":1", count: 170_000).joined(separator: ",") + "}"
    let error = refusal(text)
    #expect(error?.code == .duplicateKey)
    #expect(error?.offset == 7)
  }

  @Test(.timeLimit(.minutes(15)))
  func `a megabyte of different names takes linear time`() {
    let text = "{" + (0..<90_000).map { "\"\(String($0, radix: 36))\":1" }.joined(separator: ",") + "}"
    #expect(refusal(text) == nil)
  }

  @Test(.timeLimit(.minutes(15)))
  func `a megabyte of names of one length and one beginning takes linear time`() {
    let names = (0..<40_000).map { "\"aaaaaaaaaa\(100_000 + $0)\":0" }
    #expect(refusal("{" + names.joined(separator: ",") + "}") == nil)
    // The same in objects that are just small enough to be compared name by name.
    let few = (0..<16).map { "\"aaaaaaaaaa\(100_000 + $0)\":0" }.joined(separator: ",")
    #expect(refusal("[" + Array(repeating: "{\(few)}", count: 3000).joined(separator: ",") + "]") == nil)
  }

  @Test(.timeLimit(.minutes(15)))
  func `many numbers that need their literals read take linear time`() {
    #expect(refusal("[" + Array(repeating: "0.0", count: 200_000).joined(separator: ",") + "]") == nil)
    let large = Array(repeating: "1e300", count: 150_000).joined(separator: ",")
    #expect(refusal("[\(large),1e-999]")?.pointer == "/150000")
  }

  @Test(.timeLimit(.minutes(15)))
  func `a megabyte of escapes takes linear time`() {
    #expect(refusal("[\"" + String(repeating: "\\ud83d\\ude00", count: 80_000) + "\"]") == nil)
    #expect(refusal("[\"" + String(repeating: "\\\\", count: 500_000) + "\"]") == nil)
    #expect(refusal("[\"" + String(repeating: "\\\\", count: 500_000) + "\\udead\"]")?.code == .loneSurrogate)
  }

  @Test
  func `a parser that refused a text reads the next one`() throws {
    let parser = JSONParser()
    for bad in ["[1,", "{\"a\":1,\"a\":2}", "[\"\\ud800\"]", String(repeating: "[", count: 5000), "\u{FEFF}[]"] {
      #expect(throws: JSONError.self) { try parser.parse(Array(bad.utf8)) }
      #expect(try parser.parse(Array("[7]".utf8)).elements.map(\.int64) == [7])
    }
  }

  @Test
  func `a parser reads documents of any order of sizes`() throws {
    let parser = JSONParser()
    for count in [1, 5000, 3, 60_000, 0, 4096, 100_000, 17] {
      let text = "[" + Array(repeating: "\"abc\"", count: count).joined(separator: ",") + "]"
      #expect(try parser.parse(Array(text.utf8)).count == count)
    }
  }
}
