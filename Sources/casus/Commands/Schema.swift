import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import IJSON
import JSONSchema
import SystemFiles

/// The contracts of a broker: what is in force, and what somebody would like to be.
struct Schema: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at the broker's schemas, check schemas of one's own, and add them.",
    discussion: """
      Every event type has a schema (JSON Schema 2020-12), and the broker refuses what breaks it. An agency defines the \
      types whose names begin with a prefix that it owns, as jp.nisc.probe.v1; a plugin brings the schemas of its manifest, \
      and casus schema add brings one by hand. Under one version a schema may change only so that nobody who keeps to the \
      old one breaks.

      Exit codes: 0 done; 1 the answer is no (a bad schema, an invalid event, an incompatible change, a refusal); \
      64 wrong use; 69 no broker; 66 no such file.

      EXAMPLE: casus schema check jp.nisc.probe.v1.schema.json --event probe.json
      """,
    subcommands: [List.self, Show.self, Example.self, Check.self, Diff.self, Add.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The types that have a schema, and who brought it.", discussion: "EXAMPLE: casus schema list --json")
    @OptionGroup var link: LinkOptions
    @Flag(help: "One JSON object.") var json = false

    private struct Answer: Decodable {
      struct Entry: Decodable {
        var type: String
        var sha256: String
        var origin: String
        var bytes: Int
      }
      var schemas: [Entry]
    }

    func run() async throws {
      let bytes = try await link.withBus("schema") { bus in try await bus.request("schemas") }
      if json {
        Terminal.write(line: bytes)
        return
      }
      let answer = try readJSON(Answer.self, bytes)
      var table = Table(["type", "from", ">bytes", "sha256"])
      for schema in answer.schemas {
        table.add([schema.type, schema.origin, Figure.count(UInt64(schema.bytes)), String(schema.sha256.prefix(16))])
      }
      Terminal.write(HarmlessText.shown(table.text, keeping: .lines))
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a type's schema as it is in force.",
      discussion: "EXAMPLE: casus schema show casus.detection.v1 > detection.schema.json")
    @OptionGroup var link: LinkOptions
    @Argument(help: ArgumentHelp("As casus.detection.v1.", valueName: "type")) var type: String

    func run() async throws {
      let schema = try await SchemaFile.ofBroker(type, link)
      // A program gets the very bytes; a person's terminal is not steered by what a plugin brought.
      Terminal.write(Terminal.outputIsTerminal ? HarmlessText.shown(schema, keeping: .lines) : schema)
    }
  }

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring schemas to the broker, which keeps them from then on.",
      discussion: """
        As an operator, for every agency's types; with --as, for those of that plugin's agency (a session that the plugin \
        has open ends with it).

        EXAMPLE: casus schema add jp.nisc.probe.v1.schema.json
        """)
    @OptionGroup var link: LinkOptions
    @Argument(help: ArgumentHelp("Files named TYPE.schema.json.", valueName: "file")) var files: [String]
    @Option(help: ArgumentHelp("The type, when the one file's name does not say it.", valueName: "type"))
    var type: String?
    @Flag(help: "A JSON object a line.") var json = false

    private struct Answer: Decodable {
      var type: String
      var sha256: String
      var changed: Bool
    }

    func validate() throws {
      if type != nil, files.count > 1 { throw ValidationError("--type goes with one file") }
    }

    func run() async throws {
      let offers = try files.map { path in (try type ?? SchemaFile.type(of: path), try SchemaFile.bytes(path)) }
      try await link.withBus("schema") { bus in
        for (type, bytes) in offers {
          let reply = try await bus.request(
            "schema-add", ["type": type, "schema": String(decoding: bytes, as: UTF8.self)])
          if json {
            Terminal.write(line: reply)
          } else {
            let answer = try readJSON(Answer.self, reply)
            let what = answer.changed ? "is in force now" : "was in force already"
            Terminal.write(HarmlessText.shown("\(answer.type)  sha256 \(answer.sha256.prefix(16))  \(what)") + "\n")
          }
        }
      }
    }
  }
}

/// Schema files of the command line.
enum SchemaFile {
  static func bytes(_ path: String) throws -> [UInt8] {
    do { return try Files.read(path) } catch { throw Failure(reading: error) }
  }

  /// `jp.nisc.probe.v1` of `schemas/jp.nisc.probe.v1.schema.json`.
  static func type(of path: String) throws -> String {
    let name = path.split(separator: "/").last ?? ""
    guard name.hasSuffix(".schema.json"), name.utf8.count > 12 else {
      throw Failure(.usage, "\(path) is not named TYPE.schema.json; say the type with --type")
    }
    return String(name.dropLast(12))
  }

  /// The text of a type's schema, as the broker has it.
  static func ofBroker(_ type: String, _ link: LinkOptions) async throws -> String {
    struct Answer: Decodable { var schema: String }
    let bytes = try await link.withBus("schema") { bus in try await bus.request("schema", ["type": type]) }
    return try readJSON(Answer.self, bytes).schema
  }

  /// With the limits that a plugin's schema has.
  static func compile(_ bytes: [UInt8]) throws(SchemaError) -> CompiledSchema {
    try CompiledSchema.compile(
      bytes, documents: EventSchemas.documents, assertFormats: true, limits: .untrusted)
  }
}
