import ArgumentParser
import CaseIndex
import CasusCases
import CasusEvents
import CasusNames
import CasusPlugin
import IJSON

extension Case {
  struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "open", abstract: "Open a case on an incident, as a person.",
      discussion: """
        EXAMPLE: casus case open INCIDENT --case EXERCISE-2026-001 --title "EXERCISE Grid A" --by "EXERCISE officer" \
        --policy policy.yaml --exercise
        """)

    @OptionGroup var link: LinkOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var author: AuthorOptions
    @Argument(help: ArgumentHelp("The incident, as casus case incidents lists it.", valueName: "incident"))
    var incident: String
    @Option(name: .customLong("case"), help: ArgumentHelp("The case's name from now on.", valueName: "case"))
    var caseID: String
    @Option(help: "What it is called.") var title: String
    @Option(help: "What is to be decided.") var question: String?
    @Flag(help: "It is an exercise; an exercise never becomes a real case.") var exercise = false
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let known = try policies.read(link.home.folder)
      guard let policy = known.first?.policy else {
        throw Failure(.usage, "a case needs a policy: --policy FILE, or one in the home's folder policies")
      }
      if policies.policy.isEmpty, known.count > 1 {
        throw Failure(.usage, "the home has \(known.count) policies; say which with --policy FILE")
      }
      try await link.withBus("case open") { bus in
        let projection = try await index.read(bus) { reader in
          try await reader.projection(
            cases: [caseID], incidents: [incident], policies: known.map(\.policy), content: .shown)
        }
        let draft: Draft
        do throws(CaseError) {
          draft = try projection.open(
            caseID, on: incident, title: title, question: question, by: author.person(), policy: policy,
            at: currentTime(), exercise: exercise)
        } catch {
          throw Failure(error)
        }
        try await bus.publish(draft, saying: "case \(caseID) is open", json: json)
      }
    }
  }
}

/// Who acts.
struct AuthorOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Who acts, by office.", valueName: "name")) var by: String
  @Option(help: ArgumentHelp("The office held.", valueName: "role")) var role: String?

  func person(party: String? = nil) -> Person { Person(name: by, role: role, party: party) }
}

extension Bus {
  /// Publishes what a person wrote, and says what became of it; in JSON with what `more` adds.
  func publish(
    _ draft: Draft, saying text: String, json: Bool, _ more: (inout JSONWriter) -> Void = { _ in }
  ) async throws {
    switch try await publish([draft]).first {
    case .accepted(let sequence, _, let durability)?:
      guard json else {
        Terminal.write(HarmlessText.shown("\(text): sequence \(sequence), \(durability)") + "\n")
        return
      }
      Terminal.line { line in
        line.string("id", draft.id ?? "")
        line.string("sequence", "\(sequence)")
        line.string("durability", "\(durability)")
        more(&line)
      }
    case .refused(let refusal)?: throw Failure(refusal, "refused: \(refusal)")
    case nil: throw Failure(.failed, "the broker said nothing of the event")
    }
  }
}
