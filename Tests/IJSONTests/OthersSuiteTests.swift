import Foundation
import IJSON
import TestSupport
import Testing

/// nst/JSONTestSuite, where `Tests/IJSONTests/fetch-suite` has put it: what a file is, its name tells.
private enum OthersSuite {
  static let root = Checkout.path(".build-suite/json")

  static let files = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()

  static func error(_ file: String) throws -> JSONError? {
    refusal(Array(try #require(FileManager.default.contents(atPath: root + "/" + file))))
  }
}

@Suite(
  "The JSON test suite of others",
  .enabled(if: !OthersSuite.files.isEmpty, "NOT RUN: fetch it with Tests/IJSONTests/fetch-suite"))
struct OthersSuiteTests {
  @Test
  func `has as many files as are expected of it`() {
    #expect(OthersSuite.files.filter { $0.hasPrefix("y_") }.count >= 90)
    #expect(OthersSuite.files.filter { $0.hasPrefix("n_") }.count >= 170)
  }

  @Test
  func `every invalid file is refused`() throws {
    for file in OthersSuite.files where file.hasPrefix("n_") {
      #expect(try OthersSuite.error(file) != nil, "\(file)")
    }
  }

  @Test
  func `every valid file is accepted, but for those that I-JSON forbids`() throws {
    // The words in a file's name that announce each reason. "huge", "overflow", …: numbers beyond a double.
    let reasons: [(words: [String], code: JSONError.Code)] = [
      (["duplicated_key"], .duplicateKey), (["oncharacter", "onCharacter", "last_surrogates"], .noncharacter),
      (["huge", "overflow", "underflow", "too_big", "very_big"], .numberRange), (["utf16"], .invalidUTF8),
    ]
    for file in OthersSuite.files where file.hasPrefix("y_") {
      let expected = reasons.first { $0.words.contains { file.contains($0) } }?.code
      let found = try OthersSuite.error(file)?.code
      if let expected, found != nil { #expect(found == expected, "\(file)") } else { #expect(found == nil, "\(file)") }
    }
  }

  @Test
  func `of what is left to the reader, nothing passes that two readers read differently`() throws {
    for file in OthersSuite.files where file.hasPrefix("i_") {
      #expect(try OthersSuite.error(file) != nil, "\(file)")
    }
  }
}
