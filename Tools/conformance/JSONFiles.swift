import ArgumentParser
import IJSON

struct JSONFiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "json",
    abstract: "Says of each file whether the strict reader (I-JSON, RFC 7493) accepts it, and why not.",
    discussion: """
      Prints one line for each file: `accept FILE`, or `refuse FILE: CODE: the reason, at byte N, in POINTER`.

      With --by-name the files are those of a suite that tells by name what a reader of JSON (RFC 8259) must do: y_… is \
      valid, n_… is not, i_… is left to the reader. A valid file that I-JSON forbids (two members of one name, half a \
      surrogate pair, a noncharacter, a number that a double can't hold, an encoding other than UTF-8) is refused as it \
      should be.

      Examples:
        conformance json event.json
        conformance json --by-name test_parsing/*.json

      Exit status: 0 when all files could be read and none was unexpected, 1 on a verdict that --by-name does not \
      expect, 2 when a file can't be read, 64 on wrong usage.
      """)

  @Argument(help: "The files to read.")
  var files: [String]

  @Option(help: "How deep arrays and objects may nest.")
  var maxDepth = JSONLimits().maxDepth

  @Option(help: "How many bytes a file may have.")
  var maxBytes = JSONLimits().maxBytes

  @Flag(help: "Fail unless files named y_… are accepted, or forbidden by I-JSON alone, and files named n_… refused.")
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
    switch Self.kind(file) {
    case "y_": error.map { !Self.forbidden.contains($0.code) } ?? false
    case "n_": error == nil
    default: false
    }
  }

  /// What JSON allows and I-JSON (RFC 7493, section 2) doesn't.
  private static let forbidden: Set<JSONError.Code> = [
    .duplicateKey, .loneSurrogate, .noncharacter, .numberRange, .invalidUTF8,
  ]

  private static func kind(_ file: String) -> Substring { (file.split(separator: "/").last ?? "").prefix(2) }

  private func printText(_ verdicts: [(file: String, error: JSONError?)]) {
    for (file, error) in verdicts {
      let mark = byName && isUnexpected(file, error) ? "  UNEXPECTED" : ""
      print(error.map { "refuse \(file): \($0)\(mark)" } ?? "accept \(file)\(mark)")
    }
    guard byName else { return }
    for (kind, what) in [("y_", "valid"), ("n_", "invalid"), ("i_", "left to the reader")] {
      let files = verdicts.filter { Self.kind($0.file) == kind }
      let refused = files.filter { $0.error != nil }.count
      let unexpected = files.filter { isUnexpected($0.file, $0.error) }.count
      print(
        "\(kind) (\(what)): \(files.count - refused) accepted, \(refused) refused"
          + (kind == "y_" ? " as I-JSON asks" : "") + ", \(unexpected) unexpected")
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
    print(json.text)
  }
}
