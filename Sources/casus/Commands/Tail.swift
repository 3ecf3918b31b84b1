import ArgumentParser
import CasusEvents
import CasusPlugin
import IJSON

struct Tail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show events as they are accepted, or from the journal.",
    discussion: """
      For each event its sequence, when it was recorded (UTC), the agency, how severe it is and its title, in 80 columns or \
      the terminal's. A broker that stalls or goes away is waited for, and the events of that time follow; with --once or --count \
      the command ends (69) when the broker does not come back.

      With --json a line an event: {"sequence":"…","recorded":"…","sender":"…","flags":[…],"event":{…}}, the event's \
      own bytes unchanged.

      EXAMPLE: casus tail --type 'casus.*.v1' --from earliest --count 20
      """)

  @OptionGroup var link: LinkOptions

  @Option(help: ArgumentHelp("Types to show: * for one word, a last > for the rest.", valueName: "pattern"))
  var type: [String] = [">"]

  @Option(help: ArgumentHelp("Only from this publisher, or agency/* for all of an agency.", valueName: "sender"))
  var sender: [String] = []

  @Option(help: ArgumentHelp("earliest, latest, a sequence or a time (RFC 3339).", valueName: "start"))
  var from = StartArgument(.latest)

  @Option(help: ArgumentHelp("End after so many events.", valueName: "n"))
  var count: UInt64?

  @Flag(help: "End with the last event that the journal has now.")
  var once = false

  @Flag(help: "A JSON object a line.")
  var json = false

  func validate() throws {
    try checkPatterns(type)
  }

  func run() async throws {
    if count == 0 { return }
    let columns = Terminal.columns
    try await link.withBus("tail", waits: !once && count == nil) { bus in
      let events = try await bus.subscribe(
        Subscription(types: type, senders: sender, from: from.start, until: once ? .last : .never))
      var left = count ?? .max
      for try await event in events {
        Terminal.write(json ? Self.line(event) : EventLine(event).text(columns: columns))
        left -= 1
        if left == 0 { break }
      }
    }
  }

  static func line(_ event: RecordedEvent) -> String {
    return jsonLine { json in
      json.string("sequence", String(event.stamp.sequence))
      json.string("recorded", event.stamp.recorded.rfc3339)
      json.string("sender", event.stamp.sender)
      json.array("flags") { json in for name in event.stamp.flags.names { json.string(name) } }
      // A publisher may have sent line ends between members; a line is one event all the same.
      json.raw("event", event.bytes.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
    }
  }
}
