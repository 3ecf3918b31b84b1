import FoundationEssentials
import IJSON
import Testing

@Suite("The writer writes what the reader reads")
struct WriterTests {
  @Test
  func `with commas and colons where they belong`() {
    var json = JSONWriter()
    json.object { json in
      json.string("op", "hello")
      json.object("empty") { _ in }
      json.array("types") { json in
        json.string("a")
        json.array { $0.int(1) }
        json.object { $0.null("n") }
        json.bool(true)
      }
      json.int("n", -12)
      json.double("d", 0.1)
      json.bool("b", false)
      json.raw("r", Array("[1, 2]".utf8))
      json.name(dynamic: "dyn\"amic")
      json.null()
    }
    let expected =
      #"{"op":"hello","empty":{},"types":["a",[1],{"n":null},true],"n":-12,"d":0.1,"b":false,"r":[1, 2],"#
      + #""dyn\"amic":null}"#
    #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
  }

  @Test
  func `with every code point as it was`() throws {
    let parser = JSONParser()
    var texts = ["", "\"", "\\", "/", "\u{7F}", "日本語😀", "\u{2028}", "a\"b\\c\nd"]
    texts += (0..<0x20).map { scalar($0) + "x" + scalar($0) }
    for text in texts {
      var json = JSONWriter()
      json.array { $0.string(text) }
      #expect(try parser.parse(json.bytes).elements.map(\.string) == [text])
      var utf8 = JSONWriter()
      Array(text.utf8).withUnsafeBufferPointer { utf8.string(utf8: $0) }
      #expect(try parser.parse(utf8.bytes).string == text)
    }
  }

  @Test(arguments: [0, 1, -1, 9, 10, 99, 100, 9_007_199_254_740_991, -9_007_199_254_740_991])
  func `with numbers as they were`(value: Int64) throws {
    var json = JSONWriter()
    json.int(value)
    let parser = JSONParser()
    #expect(try parser.parse(json.bytes).int64 == value)
  }

  @Test
  func `with integers of every width`() {
    var json = JSONWriter()
    json.array { json in
      json.int(UInt64.max)
      json.int(Int64.min)
      json.int(UInt8(255))
      json.int(Int16(-300))
    }
    #expect(String(decoding: json.bytes, as: UTF8.self) == "[18446744073709551615,-9223372036854775808,255,-300]")
  }

  @Test(arguments: [0.1, -2.5, 1e22, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 0.3333333333333333])
  func `with doubles that read back as the same`(value: Double) throws {
    var json = JSONWriter()
    json.double(value)
    let parser = JSONParser()
    #expect(try parser.parse(json.bytes).double == value)
  }

  @Test
  func `with null for what JSON has no number for`() {
    var json = JSONWriter()
    json.array { json in
      json.double(.infinity)
      json.double(.nan)
    }
    #expect(String(decoding: json.bytes, as: UTF8.self) == "[null,null]")
  }

  @Test
  func `after the bytes that are there already`() {
    var json = JSONWriter(into: [1, 2])
    json.string("k")
    #expect(json.bytes == [1, 2, 0x22, 0x6B, 0x22])
  }
}
