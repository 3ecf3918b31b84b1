import ArgumentParser
import CasusNames
import CasusPlugin
import CasusWire
import Glibc
import IJSON
import SystemFiles

struct Publish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publish events from a file or standard input, one a line.",
    discussion: """
      Each line is an event in the CloudEvents JSON format and is sent as it is; its source must be the publisher's \
      (//local/operator, or that of --as). With --json a line an event, in the order of the input: \
      {"id":"…","sequence":"…","durability":"disk"}, or {"id":"…","error":{"code":N,"name":"…","pointer":"…",\
      "schema":"…","message":"…"}}.

      Exit codes: 0 all accepted; 1 some refused; 77 all refused, for want of a right; 64 wrong use; 69 no broker; 66 no \
      such file.

      EXAMPLE: casus publish events.jsonl --json
      """)

  @OptionGroup var link: LinkOptions

  @Argument(help: ArgumentHelp("A file of events, or - for standard input.", valueName: "file"))
  var file: String

  @Flag(help: "A JSON object a line.")
  var json = false

  func run() async throws {
    let input = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw Failure(reading: SystemError(errno, "read", file)) }
    defer { if input != 0 { close(input) } }

    var tally = Tally()
    try await link.withBus("publish") { bus in
      var progress = Progress("published")
      let window = 512
      var pending: [[UInt8]] = []
      func flush() async throws {
        let outcomes = try await bus.hand(pending).outcomes()
        for (event, outcome) in zip(pending, outcomes) {
          tally.count(outcome)
          if json || outcome.refusal != nil { Terminal.write(report(event, outcome)) }
        }
        pending.removeAll(keepingCapacity: true)
        progress.advance(to: tally.accepted + tally.refused)
      }
      var lines = LineReader(descriptor: input, name: file == "-" ? "standard input" : file)
      while let line = try lines.next() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
        pending.append(line)
        // What is there now is sent now: a line typed or piped in slowly is not kept waiting for company.
        if pending.count == window || !lines.hasMore { try await flush() }
      }
      if !pending.isEmpty { try await flush() }
      progress.finish()
    }
    if !json { Terminal.write(tally.text) }
    if tally.refused > 0 { throw Failure(ExitStatus(tally.fault)) }
  }

  private func report(_ event: [UInt8], _ outcome: PublishOutcome) -> String {
    let id = Self.id(of: event)
    if !json, let refusal = outcome.refusal {
      return HarmlessText.shown("refused \(id ?? "(no id)"): \(refusal)") + "\n"
    }
    return jsonLine { json in
      if let id { json.string("id", id) } else { json.null("id") }
      switch outcome {
      case .accepted(let sequence, let duplicate, let durability):
        json.string("sequence", String(sequence))
        json.string("durability", durability)
        if duplicate { json.bool("duplicate", true) }
      case .refused(let refusal):
        json.object("error") { json in
          json.int("code", refusal.code)
          json.string("name", refusal.name)
          if let pointer = refusal.pointer { json.string("pointer", pointer) }
          if let schema = refusal.schema { json.string("schema", schema) }
          json.string("message", refusal.message)
        }
      }
    }
  }

  /// The event's `id`, when there is one to be read.
  private static func id(of event: [UInt8]) -> String? {
    (try? JSONDocument(event, limits: JSONLimits(maxBytes: max(event.count, 1), maxDepth: 64)))?.read {
      $0["id"]?.string
    }
  }

  private struct Tally {
    var accepted: UInt64 = 0
    var duplicates: UInt64 = 0
    /// By the number of the error.
    var refusals: [Int: UInt64] = [:]
    var refused: UInt64 { refusals.values.reduce(0, +) }

    mutating func count(_ outcome: PublishOutcome) {
      switch outcome {
      case .accepted(_, let duplicate, _):
        accepted += 1
        if duplicate { duplicates += 1 }
      case .refused(let refusal): refusals[refusal.code, default: 0] += 1
      }
    }

    var fault: ExitStatus.Fault { .init(accepted: accepted, refusals: refusals) }

    var text: String {
      let again = duplicates == 0 ? "" : " (\(Figure.count(duplicates)) of them known already)"
      return "\(Figure.count(accepted)) accepted\(again), \(Figure.count(refused)) refused\n"
    }
  }
}

extension PublishOutcome {
  var refusal: Refusal? {
    if case .refused(let refusal) = self { refusal } else { nil }
  }
}
