import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import IJSON
import JSONSchema
import SystemFiles

extension Schema {
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compile schemas, and judge events by them, as the broker does; needs no broker.",
      discussion: """
        A line for each schema and each event that is not good, with its file and the place in it.

        EXAMPLE: casus schema check jp.nisc.probe.v1.schema.json --event good.json --event bad.json
        """)
    @Argument(help: ArgumentHelp("Schema files.", valueName: "file")) var files: [String]
    @Option(help: ArgumentHelp("An event that has to keep the schema (the one that is given).", valueName: "file"))
    var event: [String] = []
    @Flag(help: "A JSON object a line.") var json = false

    func validate() throws {
      if !event.isEmpty, files.count > 1 { throw ValidationError("--event goes with one schema") }
    }

    func run() throws {
      var isGood = true
      for path in files {
        do throws(SchemaError) {
          let schema = try SchemaFile.compile(try read(path))
          report(path, nil)
          for path in event where !(try judge(path, by: schema)) { isGood = false }
        } catch {
          isGood = false
          report(
            path, Problem(code: error.code.rawValue, message: error.message, schemaPointer: error.pointer))
        }
      }
      if !isGood { throw Failure(.partly) }
    }

    /// What cannot be read at all ends the command.
    private func read(_ path: String) throws(SchemaError) -> [UInt8] {
      do { return try SchemaFile.bytes(path) } catch {
        let failure = error as? Failure ?? Failure(reading: error)
        Terminal.complain(failure.message)
        Self.exit(withError: ExitCode(failure.code.rawValue))
      }
    }

    private func judge(_ path: String, by schema: CompiledSchema) throws(SchemaError) -> Bool {
      let bytes = try read(path)
      let problem = Problem.of(bytes, by: schema)
      report(path, problem)
      return problem == nil
    }

    private func report(_ path: String, _ problem: Problem?) {
      if json {
        Terminal.write(problem.line(path))
      } else if let problem {
        Terminal.write(HarmlessText.shown("\(path): \(problem.text)") + "\n")
      } else {
        Terminal.write(HarmlessText.shown("\(path): good") + "\n")
      }
    }
  }

  /// Why a schema or an event is not good.
  struct Problem {
    var code: String
    var message: String
    var pointer: String?
    var schemaPointer: String?

    /// Nil for an event that the schema accepts.
    static func of(_ bytes: [UInt8], by schema: CompiledSchema) -> Problem? {
      do throws(JSONError) {
        return try JSONDocument(bytes).read { event in
          var steps = 0
          if let failure = schema.validate(event, bytes: bytes.count, steps: &steps) {
            return Problem(
              code: failure.keyword, message: failure.message, pointer: failure.instancePointer,
              schemaPointer: failure.schemaPointer)
          }
          // What the vocabulary asks beside its schemas it asks of a type, whatever the event says of its schema.
          let rising = RisingMembers(schema: EventType(event["type"]?.string ?? "").schema)
          return rising.fault(in: event).map {
            Problem(code: "x-rising", message: $0.message, pointer: $0.pointer, schemaPointer: $0.schemaPointer)
          }
        }
      } catch {
        let place = error.offset.map { " at byte \($0)" } ?? ""
        return Problem(code: "not-json", message: error.message + place, pointer: error.pointer)
      }
    }

    var text: String {
      var text = "\(code): \(message)"
      if let pointer { text += ", at \(pointer.isEmpty ? "the root" : pointer)" }
      if let schemaPointer, !schemaPointer.isEmpty { text += " (schema: \(schemaPointer))" }
      return text
    }
  }

  struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What changed from one schema to another, and whom it breaks.",
      discussion: """
        Each of the two is a file, or a type whose schema the broker has. Exit code 0 when the new one may go under the \
        same version, 1 when it breaks readers or writers of the old one.

        EXAMPLE: casus schema diff jp.nisc.probe.v1 jp.nisc.probe.v1.schema.json
        """)
    @OptionGroup var link: LinkOptions
    @Argument(help: ArgumentHelp("The schema as it was: a file or a type.", valueName: "old")) var old: String
    @Argument(help: ArgumentHelp("As it is to be.", valueName: "new")) var new: String
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let (before, after) = (try await load(old), try await load(new))
      let changes: [SchemaChange]
      do throws(SchemaError) {
        changes = try SchemaDiff.changes(
          from: before, to: after, oldDocuments: EventSchemas.documents, newDocuments: EventSchemas.documents)
      } catch {
        throw Failure(.partly, "they cannot be compared: \(error)")
      }
      let isCompatible = SchemaDiff.isCompatible(changes)
      Terminal.write(json ? Self.line(changes, isCompatible) : Self.text(changes, isCompatible))
      if !isCompatible { throw Failure(.partly) }
    }

    private func load(_ name: String) async throws -> [UInt8] {
      if Files.exists(name) || name.utf8.contains(UInt8(ascii: "/")) {
        return try SchemaFile.bytes(name)
      }
      guard !name.hasSuffix(".json") else { throw Failure(.noInput, "cannot read \(name)") }
      return Array(try await SchemaFile.ofBroker(name, link).utf8)
    }

    private static func text(_ changes: [SchemaChange], _ isCompatible: Bool) -> String {
      var text = changes.map { HarmlessText.shown("\($0)") + "\n" }.joined()
      text +=
        changes.isEmpty
        ? "no change\n" : isCompatible ? "may go under the same version\n" : "needs a new version\n"
      return HarmlessText.shown(text, keeping: .lines)
    }

    private static func line(_ changes: [SchemaChange], _ isCompatible: Bool) -> String {
      return jsonLine { json in
        json.bool("compatible", isCompatible)
        json.array("changes") { json in
          for change in changes {
            json.object { json in
              json.string("pointer", change.pointer)
              json.string("keyword", change.keyword)
              json.string("message", change.message)
              json.bool("breaks_readers", change.breaksReaders)
              json.bool("breaks_writers", change.breaksWriters)
            }
          }
        }
      }
    }
  }
}

extension Schema.Problem? {
  func line(_ path: String) -> String {
    return jsonLine { json in
      json.string("file", path)
      json.bool("valid", self == nil)
      guard let problem = self else { return }
      json.string("code", problem.code)
      json.string("message", problem.message)
      if let pointer = problem.pointer { json.string("pointer", pointer) }
      if let pointer = problem.schemaPointer { json.string("schema_pointer", pointer) }
    }
  }
}
