import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire

/// Events that a subscriber could not process, attempt after attempt.
struct Quarantine: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at events that a subscriber could not process; retry, repair or drop them.",
    discussion: """
      A durable subscription tries an event as often as its max_attempts says; then the event waits here. It stays in \
      the journal whatever is done: show prints it with its very bytes, retry sends it to that subscriber again, repair \
      publishes a corrected one that names the original, drop takes it off that subscriber's list.

      EXAMPLE: casus quarantine list --json
      EXAMPLE: casus quarantine retry --plugin jp.nisc/correlator-1 --sequence 120
      """,
    subcommands: [List.self, Show.self, Retry.self, Repair.self, Drop.self], defaultSubcommand: List.self)

  struct Choice: ParsableArguments {
    @OptionGroup var link: LinkOptions
    @Option(help: ArgumentHelp("Only this subscriber's.", valueName: "agency/plugin")) var plugin: String?
    @Option(help: ArgumentHelp("Only this subscription's.", valueName: "name")) var subscription: String?
    @Option(help: ArgumentHelp("Only the event with this sequence.", valueName: "sequence")) var sequence: UInt64?
    @Flag(help: "One JSON object.") var json = false

    func run(_ action: String) async throws {
      var parameters = ["action": action]
      parameters["plugin"] = plugin
      parameters["subscription"] = subscription
      parameters["sequence"] = sequence.map(String.init)
      let first = parameters
      let answer = try await link.withBus("quarantine") { bus in
        // The broker answers a page at a time.
        var parameters = first
        var answer = QuarantineAnswer(action: action)
        repeat {
          let page = try readJSON(QuarantineAnswer.self, try await bus.request("quarantine", parameters))
          answer.count += page.count
          answer.events += page.events
          parameters["after"] = page.next
        } while parameters["after"] != nil
        return answer
      }
      if json {
        Terminal.write(line: try canonicalJSON(answer))
      } else {
        Terminal.write(answer.text)
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What is in quarantine, and why.",
      discussion: "EXAMPLE: casus quarantine list --plugin jp.nisc/correlator-1")
    @OptionGroup var choice: Choice
    func run() async throws { try await choice.run("list") }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send the chosen events to their subscribers again.",
      discussion: "EXAMPLE: casus quarantine retry --plugin jp.nisc/correlator-1 --sequence 120")
    @OptionGroup var choice: Choice
    func run() async throws { try await choice.run("retry") }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take the chosen events off their subscribers' lists.",
      discussion: "EXAMPLE: casus quarantine drop --plugin jp.nisc/correlator-1 --sequence 120 --json")
    @OptionGroup var choice: Choice
    func run() async throws { try await choice.run("drop") }
  }
}

extension QuarantineAnswer {
  fileprivate var text: String {
    var text = ""
    for event in events {
      text +=
        HarmlessText.shown(
          "\(event.sequence)  \(event.type)  \(event.plugin) (\(event.subscription))  "
            + "\(event.attempts) attempts: \(event.reason)") + "\n"
    }
    switch action {
    case "retry": text += "\(count) to be tried again\n"
    case "drop": text += "\(count) dropped\n"
    default: text += "\(count) in quarantine\n"
    }
    return text
  }
}
