import ArgumentParser
import IJSON

struct JSONFiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "json",
    abstract: "Says of each file whether the strict reader (I-JSON, RFC 7493) accepts it, and why not.",
    discussion: """
      Examples:
        conformance json event.json
        conformance json --by-name test_parsing/*.json
      """)

  @Argument(help: "The files to read.")
  var files: [String]

  @Option(help: "How deep arrays and objects may nest.")
  var maxDepth = JSONLimits().maxDepth

  @Option(help: "How many bytes a file may have.")
  var maxBytes = JSONLimits().maxBytes

  @Flag(help: "Fail unless files named y_… are accepted and files named n_… refused.")
  var byName = false

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func run() throws {
    let parser = JSONParser(limits: .init(maxBytes: maxBytes, maxDepth: maxDepth))
    var verdicts: [(file: String, error: JSONError?)] = []
    for file in files {
      let bytes = try Files.bytes(file)
      do throws(JSONError) {
        _ = try parser.parse(bytes)
        verdicts.append((file, nil))
      } catch {
        verdicts.append((file, error))
      }
    }
    json ? printJSON(verdicts) : printText(verdicts)
    if byName, verdicts.contains(where: { isUnexpected($0.file, $0.error) }) { throw ExitCode(1) }
  }

  private func isUnexpected(_ file: String, _ error: JSONError?) -> Bool {
    let name = file.split(separator: "/").last ?? ""
    return name.hasPrefix("y_") && error != nil || name.hasPrefix("n_") && error == nil
  }

  private func printText(_ verdicts: [(file: String, error: JSONError?)]) {
    for (file, error) in verdicts {
      let mark = byName && isUnexpected(file, error) ? "  UNEXPECTED" : ""
      print(error.map { "refuse \(file): \($0)\(mark)" } ?? "accept \(file)\(mark)")
    }
  }

  private func printJSON(_ verdicts: [(file: String, error: JSONError?)]) {
    var json = JSONWriter()
    json.object { json in
      json.array("files") { json in
        for (file, error) in verdicts {
          json.object { json in
            json.string("file", file)
            json.string("verdict", error == nil ? "accept" : "refuse")
            guard let error else { return }
            json.string("code", error.code.rawValue)
            json.string("message", error.message)
            if let offset = error.offset { json.int("offset", offset) }
            if let pointer = error.pointer { json.string("pointer", pointer) }
          }
        }
      }
    }
    print(String(decoding: json.bytes, as: UTF8.self))
  }
}
