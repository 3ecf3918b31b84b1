import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire
import IJSON
import SystemFiles

extension Quarantine {
  /// Which event: its place in the journal, and whose list it is on when there are several.
  struct Place: ParsableArguments {
    @OptionGroup var link: LinkOptions
    @Argument(help: ArgumentHelp("The event's sequence.", valueName: "sequence")) var sequence: UInt64
    @Option(help: ArgumentHelp("Only this subscriber's.", valueName: "agency/plugin")) var plugin: String?
    @Option(help: ArgumentHelp("Only this subscription's.", valueName: "name")) var subscription: String?
    @Flag(help: "One JSON object.") var json = false

    func parameters(_ action: String) -> [String: String] {
      var parameters = ["action": action, "sequence": String(sequence)]
      parameters["plugin"] = plugin
      parameters["subscription"] = subscription
      return parameters
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print one event with its very bytes, and why it is here.",
      discussion: "EXAMPLE: casus quarantine show 120 --json")
    @OptionGroup var place: Place

    func run() async throws {
      let bytes = try await place.link.withBus("quarantine") { bus in
        try await bus.request("quarantine", place.parameters("show"))
      }
      guard !place.json else {
        Terminal.write(line: bytes)
        return
      }
      let entry = try readJSON(QuarantinedEventAnswer.self, bytes)
      // A line each, whatever stands in them: line ends between an event's members are shown, as all that steers is.
      let lines = [
        "event \(entry.sequence), \(entry.type), sha256 \(entry.sha256)",
        "\(entry.plugin) (\(entry.subscription)): \(entry.attempts) attempts, \(entry.reason)", entry.event,
      ]
      Terminal.write(lines.map { HarmlessText.shown($0) + "\n" }.joined())
    }
  }

  struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Publish a corrected event instead of one in quarantine, and take that one off the list.",
      discussion: """
        The file holds the whole event as it should have been. It is published under the operator's source (nobody speaks \
        for another), with an id of its own and the attributes repairssequence and repairssha256, which name the original's \
        place and bytes. The original stays in the journal. The same repair again changes nothing.

        Exit codes: 0 done; 1 refused, or not in quarantine; 64 wrong use; 69 no broker; 65 not an event; 66 no such file.

        EXAMPLE: casus quarantine repair 120 corrected.json
        """)
    @OptionGroup var place: Place
    @Argument(help: ArgumentHelp("The corrected event.", valueName: "file")) var file: String

    func run() async throws {
      let corrected: [UInt8]
      do { corrected = try Files.read(file) } catch { throw Failure(reading: error) }
      try await place.link.withBus("quarantine") { bus in
        let entry = try readJSON(
          QuarantinedEventAnswer.self, try await bus.request("quarantine", place.parameters("show")))
        let event = try RepairedEvent.bytes(of: corrected, for: entry, source: "//\(bus.identity)", file: file)
        let outcome = try await bus.publish(encoded: [event])[0]
        switch outcome {
        case .refused(let refusal): throw Failure(refusal, "the corrected event was refused: \(refusal)")
        case .accepted(let sequence, let duplicate, _):
          _ = try await bus.request("quarantine", place.parameters("drop"))
          report(entry, sequence, duplicate)
        }
      }
    }

    private func report(_ entry: QuarantinedEventAnswer, _ sequence: UInt64, _ duplicate: Bool) {
      guard place.json else {
        Terminal.write("event \(entry.sequence) is repaired by event \(sequence)\n")
        return
      }
      Terminal.line { json in
        json.string("sequence", String(sequence))
        json.string("repairs", entry.sequence)
        json.string("repairs_sha256", entry.sha256)
        json.bool("duplicate", duplicate)
      }
    }
  }
}

/// The event that takes a quarantined one's place.
enum RepairedEvent {
  /// The corrected event with its link to the original; what the link says replaces what the file says of it.
  static func bytes(
    of corrected: [UInt8], for entry: QuarantinedEventAnswer, source: String, file: String
  ) throws -> [UInt8] {
    let parser = JSONParser(limits: JSONLimits(maxBytes: max(corrected.count, 1), maxDepth: 32))
    return try corrected.withUnsafeBytes { bytes in
      let event: JSONValue
      do throws(JSONError) { event = try parser.parse(bytes) } catch {
        throw Failure(.damaged, "\(file) is not JSON: \(error.message)")
      }
      guard event.kind == .object, let type = event["type"]?.string,
        let tlp = event["tlp"]?.string.flatMap(TLP.init(rawValue:))
      else { throw Failure(.damaged, "\(file) is no event: type or tlp is missing") }
      guard type == entry.type else {
        throw Failure(.partly, "\(file) is a \(type), the event in quarantine a \(entry.type)")
      }
      if let original = marking(entry.event), tlp < original {
        throw Failure(
          .partly, "\(file) is marked \(tlp.rawValue), the original \(original.rawValue): no repair loosens a marking")
      }
      var json = JSONWriter()
      json.object { json in
        json.string("id", "repair-\(entry.sequence)-\(sha256Hex(corrected).prefix(16))")
        json.string("source", source)
        json.string("repairssequence", entry.sequence)
        json.string("repairssha256", entry.sha256)
        event.forEachMember { name, value in
          let name = String(decoding: name, as: UTF8.self)
          if ["id", "source", "repairssequence", "repairssha256"].contains(name) { return }
          json.name(dynamic: name)
          json.value(value)
        }
      }
      return json.bytes
    }
  }

  private static func marking(_ event: String) -> TLP? {
    let limits = JSONLimits(maxBytes: max(event.utf8.count, 1), maxDepth: 64)
    return (try? JSONDocument(Array(event.utf8), limits: limits))?.read {
      $0["tlp"]?.string.flatMap(TLP.init(rawValue:))
    }
  }
}
