import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import IJSON

extension Schema {
  struct Example: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a valid event of a type of the vocabulary, to begin from; needs no broker.",
      discussion: """
        One line, as casus publish takes it. With --source it speaks for that publisher, who may publish it as it stands.

        EXAMPLE: casus schema example casus.detection.v1 --source local/operator | casus publish -
        """)
    @Argument(help: ArgumentHelp("As casus.detection.v1.", valueName: "type")) var type: String
    @Option(help: ArgumentHelp("Whose event it is to be.", valueName: "agency/plugin")) var source: String?

    func validate() throws {
      if EventSchemas.examples[type] == nil {
        let known = EventSchemas.examples.keys.sorted()
        let suggestion = Suggestion.text(for: type, among: known)
        throw ValidationError(
          "there is no example of \(type)\(suggestion.isEmpty ? "; there is one of \(known.joined(separator: ", "))" : suggestion)"
        )
      }
      if let source, PluginName(source) == nil {
        throw ValidationError("--source takes agency/plugin, as jp.nisc/suricata-1, not \(source)")
      }
    }

    func run() throws {
      guard let bytes = EventSchemas.examples[type] else { return }
      guard let source else {
        Terminal.write(line: bytes)
        return
      }
      Terminal.write(line: try JSONDocument(bytes).read { event in Self.event(event, from: "//\(source)") })
    }

    /// What the sample names of its own publisher's, as the event that it takes the place of, is the other's then, too.
    private static func event(_ event: JSONValue, from source: String) -> [UInt8] {
      guard let own = event["source"]?.string else { return [] }
      var json = JSONWriter()
      write(event, own, source, to: &json)
      return json.bytes
    }

    private static func write(_ value: JSONValue, _ own: String, _ source: String, to json: inout JSONWriter) {
      switch value.kind {
      case .object:
        json.object { json in
          value.forEachMember { name, member in
            let name = String(decoding: name, as: UTF8.self)
            json.name(dynamic: name)
            if name == "source", member.string == own {
              json.string(source)
            } else {
              write(member, own, source, to: &json)
            }
          }
        }
      case .array: json.array { json in for element in value.elements { write(element, own, source, to: &json) } }
      default: json.value(value)
      }
    }
  }
}
