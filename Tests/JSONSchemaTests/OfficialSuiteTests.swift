import FoundationEssentials
import IJSON
import JSONSchema
import TestSupport
import Testing

/// The official suite, where `Tests/JSONSchemaTests/fetch-suite` has put it.
private enum OfficialSuite {
  static let root = Checkout.path(".build-suite")

  static let isThere = FileManager.default.fileExists(atPath: root + "/tests/draft2020-12")

  static func files(_ folder: String) -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
    return all.filter { $0.hasSuffix(".json") }.sorted()
  }

  static let remotes: [String: [UInt8]] = {
    var documents: [String: [UInt8]] = [:]
    for file in (try? FileManager.default.subpathsOfDirectory(atPath: root + "/remotes")) ?? []
    where file.hasSuffix(".json") {
      documents["http://localhost:1234/" + file] = bytes("remotes/" + file)
    }
    return documents
  }()

  static func bytes(_ file: String) -> [UInt8] {
    FileManager.default.contents(atPath: root + "/" + file).map { Array($0) } ?? []
  }

  /// How many tests of a file passed, and a line for each that didn't.
  static func run(_ path: String, assertFormats: Bool = false) throws -> (passed: Int, failed: [String]) {
    let limits = JSONLimits(maxBytes: 1 << 24, maxDepth: 256, numbers: .binary64)
    let source = bytes(path)
    let parser = JSONParser(limits: limits)
    let reader = JSONParser(limits: limits)
    func text(_ value: JSONValue?) -> [UInt8] {
      value.flatMap { parser.sourceRange(of: $0) }.map { Array(source[$0]) } ?? []
    }
    var passed = 0
    var failed: [String] = []
    for group in try parser.parse(source).elements {
      let schema = try CompiledSchema.compile(
        text(group["schema"]), documents: remotes, assertFormats: assertFormats)
      for test in group["tests"].map({ Array($0.elements) }) ?? [] {
        let failure = schema.validate(try reader.parse(text(test["data"])))
        if (failure == nil) == (test["valid"]?.bool == true) {
          passed += 1
        } else {
          failed.append("\(group["description"]?.string ?? ""): \(test["description"]?.string ?? "")")
        }
      }
    }
    return (passed, failed)
  }
}

@Suite(
  "The official JSON-Schema-Test-Suite for 2020-12",
  .enabled(if: OfficialSuite.isThere, "NOT RUN: fetch it with Tests/JSONSchemaTests/fetch-suite"))
struct OfficialSuiteTests {
  @Test(arguments: OfficialSuite.files("tests/draft2020-12"))
  func `passes in its required part`(file: String) throws {
    let result = try OfficialSuite.run("tests/draft2020-12/" + file)
    #expect(result.failed.isEmpty)
    #expect(result.passed > 0)
  }

  @Test
  func `has the required part that is expected of it`() throws {
    let files = OfficialSuite.files("tests/draft2020-12")
    let passed = try files.reduce(0) { try $0 + OfficialSuite.run("tests/draft2020-12/" + $1).passed }
    #expect(passed >= 1250)
  }

  @Test(arguments: [
    "date-time", "date", "time", "duration", "uri", "uri-reference", "uuid", "ipv4", "ipv6", "json-pointer",
    "unknown",
  ])
  func `passes in the formats that are asserted`(name: String) throws {
    let result = try OfficialSuite.run("tests/draft2020-12/optional/format/\(name).json", assertFormats: true)
    #expect(result.failed.isEmpty)
  }

  @Test(arguments: [
    "anchor", "dynamicRef", "ecmascript-regex", "float-overflow", "format-assertion", "id", "no-schema",
    "non-bmp-regex", "refOfUnknownKeyword", "unknownKeyword",
  ])
  func `passes in the optional parts that hold here`(name: String) throws {
    #expect(try OfficialSuite.run("tests/draft2020-12/optional/\(name).json").failed.isEmpty)
  }
}
