import ArgumentParser
import Foundation
import Testing

@testable import conformance

/// A folder of files that goes with the test.
private final class Suite {
  let folder: String

  init(_ files: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "casus-suite-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The exit status of a run.
  func status(_ command: String, _ arguments: [String]) -> Int32 {
    do {
      var command = try Conformance.parseAsRoot([command] + arguments)
      try command.run()
      return 0
    } catch {
      return Conformance.exitCode(for: error).rawValue
    }
  }

  func schema(_ more: [String] = []) -> Int32 { status("schema", [folder] + more) }
}

@Suite("conformance runs suites of others")
struct ConformanceTests {
  private static let good = """
    [{"description":"a","schema":{"type":"integer","properties":{"enum":{"minimum":1}}},
      "tests":[{"description":"t","data":1,"valid":true},{"description":"u","data":"x","valid":false}]}]
    """

  @Test
  func `and a suite that passes is status 0, in every form of output`() throws {
    let suite = try Suite(["type.json": Self.good])
    #expect(suite.schema() == 0)
    #expect(suite.schema(["--by-keyword"]) == 0)
    #expect(suite.schema(["--json"]) == 0)
  }

  @Test(arguments: [
    #"[{"schema":true,"tests":[{"data":1,"valid":false}]}]"#,
    #"[{"schema":{"type":"nothing"},"tests":[{"data":1,"valid":true}]}]"#, #"[{"schema":"#, "", "{}", "[1]",
    #"[{"schema":true}]"#, #"[{"schema":true,"tests":[{"data":1}]}]"#, #"[{"schema":true,"tests":[{"valid":true}]}]"#,
  ])
  func `and what fails is status 1: a wrong verdict, a refused schema, bad JSON, no test`(text: String) throws {
    let suite = try Suite(["a.json": Self.good, "b.json": text])
    #expect(suite.schema() == 1)
  }

  @Test
  func `and a folder that is not there, that is empty, or that holds no test is status 2`() throws {
    let suite = try Suite()
    #expect(suite.schema() == 2)
    #expect(suite.status("schema", [suite.folder + "/absent"]) == 2)
    #expect(try Suite(["a.json": "[]"]).schema() == 2)
    #expect(try Suite(["a.json": Self.good]).schema(["--remotes", suite.folder + "/absent"]) == 2)
    #expect(suite.status("schema", []) == 64)
  }

  @Test
  func `and counts a test for each keyword of its schema, and for no name that only looks like one`() throws {
    let suite = try Suite(["a.json": Self.good])
    let results = try SchemaSuite.parse([suite.folder]).results()
    let keywords = SuiteReport(results).keywords
    #expect(keywords.map(\.name) == ["minimum", "properties", "type"])
    #expect(keywords.allSatisfy { $0.count.passed == 2 && $0.count.failed == 0 })
    #expect(SuiteReport(results).textByKeyword.contains("type        2 passed, 0 failed"))
  }

  @Test
  func `and judges JSON files by their names where that is asked for`() throws {
    let suite = try Suite([
      "y_array.json": "[]", "y_twice.json": #"{"a":1,"a":2}"#, "n_comma.json": "[1,]", "y_wrong.json": "[1,]",
      "n_wrong.json": "[]", "i_nul.json": "\u{0}",
    ])
    func status(_ files: String...) -> Int32 {
      suite.status("json", ["--by-name"] + files.map { "\(suite.folder)/\($0)" })
    }
    #expect(status("y_array.json", "y_twice.json", "n_comma.json", "i_nul.json") == 0)
    #expect(status("y_array.json", "y_wrong.json") == 1)
    #expect(status("n_wrong.json") == 1)
    #expect(status("absent.json") == 2)
    #expect(suite.status("json", ["\(suite.folder)/y_wrong.json"]) == 0)
    #expect(suite.status("json", []) == 64)
  }
}
