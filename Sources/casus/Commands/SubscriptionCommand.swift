import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire
import IJSON

/// Durable subscriptions: who holds how much of the journal.
struct SubscriptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscription",
    abstract: "Look at durable subscriptions and what they hold of the journal; forget one.",
    discussion: """
      A durable subscription keeps its place while its plugin is away, and with it what the plugin has not acknowledged: \
      retention leaves that in the journal, up to held_bytes and held_age_s. forget takes a subscription away whose plugin \
      does not come back; what waited for it is then nobody's, and the events themselves stay as long as retention says.

      EXAMPLE: casus subscription list
      EXAMPLE: casus subscription forget jp.nisc/old-1 work
      """,
    subcommands: [List.self, Forget.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Who holds how much of the journal, who holds most first.",
      discussion: "EXAMPLE: casus subscription list --json")
    @OptionGroup var link: LinkOptions
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let bytes = try await link.withBus("subscription") { bus in try await bus.request("subscriptions") }
      if json {
        Terminal.write(line: bytes)
      } else {
        Terminal.write(HarmlessText.shown(try readJSON(SubscriptionsAnswer.self, bytes).text, keeping: .lines))
      }
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a durable subscription away that nobody uses; needs the role operator.",
      discussion: "EXAMPLE: casus subscription forget jp.nisc/old-1 work --json")
    @OptionGroup var link: LinkOptions
    @Argument(help: ArgumentHelp("Whose: a plugin, or a group as jp.nisc/~workers.", valueName: "agency/plugin"))
    var plugin: String
    @Argument(help: ArgumentHelp("Its name.", valueName: "name")) var name: String
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let parameters = ["plugin": plugin, "subscription": name]
      _ = try await link.withBus("subscription") { bus in try await bus.request("subscription-forget", parameters) }
      if json {
        Terminal.line { json in
          json.string("forgotten", name)
          json.string("plugin", plugin)
        }
        return
      }
      Terminal.write(HarmlessText.shown("forgotten: \(plugin) (\(name))") + "\n")
    }
  }
}

extension SubscriptionsAnswer.Entry {
  fileprivate var state: String { live ? "live" : registered ? "away" : "not registered" }
}

extension SubscriptionsAnswer {
  fileprivate var text: String {
    guard !subscriptions.isEmpty else { return "no durable subscriptions\n" }
    var table = Table(["plugin", "name", "state", ">position", ">pending", ">behind", ">dropped", ">holds", "since"])
    for entry in subscriptions {
      table.add([
        entry.plugin, entry.subscription, entry.state, entry.position, Figure.count(entry.pending),
        Figure.count(entry.lag), Figure.count(entry.dropped), Figure.bytes(entry.heldBytes), entry.heldSince ?? "",
      ])
    }
    return table.text
  }
}
