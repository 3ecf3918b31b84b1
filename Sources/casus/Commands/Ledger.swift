import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin
import CasusWire

/// Whether everything that came in is accounted for.
struct Ledger: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the sums: what was accepted, and what became of it for each subscriber.",
    discussion: """
      For each publisher what was accepted, repeated and refused, by code; for each subscription the equation

        matched = acked + pending + quarantined + dropped

      with ok, or DOES NOT ADD UP and exit code 1. dropped are those that an overload policy passed over, that a person \
      took out of quarantine for good, or that were lost with a damaged part of the journal. The numbers of publishers \
      and of durable subscriptions survive restarts of the broker.

      EXAMPLE: casus ledger --json
      """)

  @OptionGroup var link: LinkOptions

  @Flag(help: "The broker's answer, one JSON object.")
  var json = false

  func run() async throws {
    let bytes = try await link.withBus("ledger") { bus in try await bus.request("ledger", [:]) }
    let view = try LedgerAnswer.decode(bytes)
    if json {
      Terminal.write(line: bytes)
    } else {
      Terminal.write(HarmlessText.shown(view.text, keeping: .lines))
    }
    if !view.addsUp { throw Failure(.partly, "the ledger does not add up") }
  }
}

extension LedgerAnswer.Subscription {
  fileprivate var title: String {
    if group { return "\(plugin) (\(members.count == 1 ? "1 member" : "\(members.count) members"))" }
    return name.map { "\(plugin) \($0)" } ?? "\(plugin) (ephemeral)"
  }

  fileprivate var equation: [String] {
    [
      title, Figure.count(matched), "=", Figure.count(acked), "+ \(Figure.count(pending))",
      "+ \(Figure.count(quarantined))", "+ \(Figure.count(dropped))", addsUp ? "ok" : "DOES NOT ADD UP",
    ]
  }
}

extension LedgerAnswer {
  static func decode(_ bytes: [UInt8]) throws -> LedgerAnswer {
    do {
      return try readJSON(LedgerAnswer.self, bytes)
    } catch {
      throw Failure(.failed, "the broker's ledger is not what this casus knows: \(error)")
    }
  }

  var text: String {
    var inward = Table(["publisher", ">accepted", ">repeated", ">refused", "by code"])
    for publisher in publishers {
      let codes = publisher.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      inward.add([
        publisher.publisher, Figure.count(publisher.accepted),
        Figure.count(publisher.duplicates), Figure.count(publisher.refused.values.reduce(0, +)),
        codes.joined(separator: ", "),
      ])
    }
    let lost = journal.lost == 0 ? "" : " + \(Figure.count(journal.lost)) lost"
    let sum =
      "\(Figure.count(journal.events)) events from \(journal.from) to \(journal.through) = "
      + "\(Figure.count(journal.accepted)) accepted\(lost): "
      + (journal.addsUp ? "ok" : "DOES NOT ADD UP")
    var outward = Table(
      ["subscription", ">matched", "=", ">acked", ">+ pending", ">+ quarantined", ">+ dropped", ""])
    for subscription in subscriptions { outward.add(subscription.equation) }
    return (inward.isEmpty ? "" : inward.text + "\n") + sum + "\n\n"
      + (outward.isEmpty ? "no subscriptions\n" : outward.text)
  }
}
