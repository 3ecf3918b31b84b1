import ArgumentParser
import IJSON
import JSONSchema

struct SchemaSuite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Runs a folder of the JSON-Schema-Test-Suite and prints what passed and failed, by file.",
    discussion: """
      Each JSON file of the folder itself is run, those of its subfolders are not. A schema that is refused fails all \
      of its tests. A file that can't be read as I-JSON, or is not an array of groups with a schema and tests, counts \
      as one failure, with the reason.

      Examples:
        conformance schema JSON-Schema-Test-Suite/tests/draft2020-12 --remotes JSON-Schema-Test-Suite/remotes
        conformance schema JSON-Schema-Test-Suite/tests/draft2020-12/optional/format --formats

      Exit status: 0 when every test passed, 1 when one failed or a file is no suite, 2 when a folder or a file can't \
      be read or holds no test, 64 on wrong usage.
      """)

  @Argument(help: "The folder, such as …/tests/draft2020-12.")
  var folder: String

  @Option(help: "A folder with the documents that schemas refer to.")
  var remotes: String?

  @Option(help: "The URI under which the folder of remotes is known.")
  var base = "http://localhost:1234/"

  @Flag(help: "Assert formats instead of taking them for annotations.")
  var formats = false

  @Flag(
    help: """
      Print the figures by keyword instead of by file. A test counts for each keyword that stands in its schema.
      """)
  var byKeyword = false

  @Flag(help: "Print one JSON object, with the figures by file and by keyword, instead of text.")
  var json = false

  func run() throws {
    let results = try results()
    let report = SuiteReport(results)
    if json {
      print(report.json)
    } else {
      print(byKeyword ? report.textByKeyword : report.textByFile)
    }
    if report.failed > 0 { throw ExitCode(1) }
    if report.passed == 0 { throw Files.refuse("no test in \(folder)") }
  }

  /// What each file's tests came to.
  func results() throws -> [SuiteResult] {
    var documents: [String: [UInt8]] = [:]
    if let remotes {
      for file in try Files.jsonFiles(in: remotes, recursive: true) {
        documents[base + file] = try Files.bytes("\(remotes)/\(file)")
      }
    }
    let files = try Files.jsonFiles(in: folder, recursive: false)
    guard !files.isEmpty else { throw Files.refuse("no JSON file in \(folder)") }
    return try files.map { try run($0, try Files.bytes("\(folder)/\($0)"), documents) }
  }

  /// A file is an array of groups: a schema and tests, each with data and whether it is valid. Both are read again from
  /// the bytes that they stand in.
  private func run(_ file: String, _ bytes: [UInt8], _ documents: [String: [UInt8]]) throws -> SuiteResult {
    let limits = JSONLimits(maxBytes: 1 << 26, maxDepth: 256, numbers: .binary64)
    let parser = JSONParser(limits: limits)
    let reader = JSONParser(limits: limits)
    func text(_ value: JSONValue) -> [UInt8] { parser.sourceRange(of: value).map { Array(bytes[$0]) } ?? [] }
    let suite: JSONValue
    do {
      suite = try parser.parse(bytes)
    } catch {
      return SuiteResult(file: file, refused: "the file was refused: \(error)")
    }
    guard suite.kind == .array else { return SuiteResult(file: file, refused: "it is not an array of groups") }
    var result = SuiteResult(file: file)
    for (place, group) in suite.elements.enumerated() {
      guard let schema = group["schema"], let tests = group["tests"], tests.kind == .array else {
        result.add(
          .init(group: "group \(place)", test: "every test", reason: "it lacks its schema or its tests"), to: [])
        continue
      }
      let keywords = keywordsUsed(in: schema)
      let name = group["description"]?.string ?? ""
      var compiled: CompiledSchema?
      var refusal = ""
      do {
        compiled = try CompiledSchema.compile(text(schema), documents: documents, assertFormats: formats)
      } catch {
        refusal = "the schema was refused: \(error)"
      }
      for test in tests.elements {
        var reason: String? = refusal
        if let data = test["data"], let isValid = test["valid"]?.bool {
          if let compiled { reason = self.reason(compiled, reader, text(data), isValid) }
        } else {
          reason = "the test lacks its data or whether it is valid"
        }
        let failure = reason.map {
          SuiteResult.Failure(group: name, test: test["description"]?.string ?? "", reason: $0)
        }
        result.add(failure, to: keywords)
      }
    }
    return result
  }

  /// Why a test fails; nil when it passes.
  private func reason(_ schema: CompiledSchema, _ reader: JSONParser, _ data: [UInt8], _ isValid: Bool) -> String? {
    do {
      let failure = schema.validate(try reader.parse(data))
      if (failure == nil) == isValid { return nil }
      return failure.map { "found invalid: \($0)" } ?? "found valid"
    } catch {
      return "the data was refused: \(error)"
    }
  }
}
