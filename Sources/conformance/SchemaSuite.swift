import ArgumentParser
import IJSON
import JSONSchema

struct SchemaSuite: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Runs a folder of the JSON-Schema-Test-Suite and prints what passed and failed, by file.",
    discussion: """
      Each JSON file of the folder itself is run, those of its subfolders are not. A schema that is refused fails all \
      of its tests, and a file that can't be read as I-JSON counts as one failure, with the reason.

      Examples:
        conformance schema JSON-Schema-Test-Suite/tests/draft2020-12 --remotes JSON-Schema-Test-Suite/remotes
        conformance schema JSON-Schema-Test-Suite/tests/draft2020-12/optional/format --formats
      """)

  @Argument(help: "The folder, such as …/tests/draft2020-12.")
  var folder: String

  @Option(help: "A folder with the documents that schemas refer to.")
  var remotes: String?

  @Option(help: "The URI under which the folder of remotes is known.")
  var base = "http://localhost:1234/"

  @Flag(help: "Assert formats instead of taking them for annotations.")
  var formats = false

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func run() throws {
    var documents: [String: [UInt8]] = [:]
    if let remotes {
      for file in try Files.jsonFiles(in: remotes, recursive: true) {
        documents[base + file] = try Files.bytes("\(remotes)/\(file)")
      }
    }
    let files = try Files.jsonFiles(in: folder, recursive: false)
    guard !files.isEmpty else { throw Files.refuse("no JSON file in \(folder)") }
    let results = try files.map { try run($0, documents) }
    json ? printJSON(results) : printText(results)
    if results.contains(where: { !$0.failures.isEmpty }) { throw ExitCode(1) }
  }

  struct Failure {
    var group: String
    var test: String
    var reason: String
  }

  struct Result {
    var file: String
    var passed = 0
    var failures: [Failure] = []
  }

  /// A file is an array of groups: a schema and tests, each with data and whether it is valid. Both are read again from
  /// the bytes that they stand in.
  private func run(_ file: String, _ documents: [String: [UInt8]]) throws -> Result {
    let limits = JSONLimits(maxBytes: 1 << 26, maxDepth: 256, numbers: .binary64)
    let bytes = try Files.bytes("\(folder)/\(file)")
    let parser = JSONParser(limits: limits)
    let reader = JSONParser(limits: limits)
    func text(_ value: JSONValue) -> [UInt8] { parser.sourceRange(of: value).map { Array(bytes[$0]) } ?? [] }
    let suite: JSONValue
    do {
      suite = try parser.parse(bytes)
    } catch {
      let reason = "the file was refused: \(error)"
      return Result(file: file, failures: [Failure(group: "the whole file", test: "every test", reason: reason)])
    }
    var result = Result(file: file)
    for group in suite.elements {
      guard let schema = group["schema"], let tests = group["tests"] else {
        throw Files.refuse("\(folder)/\(file) is not a suite: a group lacks its schema or its tests")
      }
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
        if let compiled {
          reason = self.reason(compiled, reader, text(test["data"] ?? test), test["valid"]?.bool == true)
        }
        if let reason {
          result.failures.append(Failure(group: name, test: test["description"]?.string ?? "", reason: reason))
        } else {
          result.passed += 1
        }
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

  private func printText(_ results: [Result]) {
    let width = results.map(\.file.count).max() ?? 0
    for result in results {
      let padding = String(repeating: " ", count: width - result.file.count)
      print("\(result.file)\(padding)  \(result.passed) passed, \(result.failures.count) failed")
      for failure in result.failures {
        print("  FAILED \(failure.group) / \(failure.test): \(failure.reason)")
      }
    }
    let passed = results.reduce(0) { $0 + $1.passed }
    let failed = results.reduce(0) { $0 + $1.failures.count }
    print("\(passed) passed, \(failed) failed, in \(results.count) files")
  }

  private func printJSON(_ results: [Result]) {
    var json = JSONWriter()
    json.object { json in
      json.int("passed", results.reduce(0) { $0 + $1.passed })
      json.int("failed", results.reduce(0) { $0 + $1.failures.count })
      json.array("files") { json in
        for result in results {
          json.object { json in
            json.string("file", result.file)
            json.int("passed", result.passed)
            json.int("failed", result.failures.count)
            json.array("failures") { json in
              for failure in result.failures {
                json.object { json in
                  json.string("group", failure.group)
                  json.string("test", failure.test)
                  json.string("reason", failure.reason)
                }
              }
            }
          }
        }
      }
    }
    print(String(decoding: json.bytes, as: UTF8.self))
  }
}
