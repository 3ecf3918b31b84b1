import CasusEvents
import CasusNames
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

/// What a plugin with a key can write somewhere, as every command shows it to a person: one line stays one line, and nothing
/// steers the screen, hides, or passes for another's name.
@Suite(.blocking, .timeLimit(.minutes(15))) struct HostileWords {
  static let words =
    "x\njp.test/forged  connected  12,000  ok\r\u{1b}[2J\u{9b}31m\u{202e}\u{200b}Gr\u{456}d [a](http://e.example)"

  /// Everywhere that words get in: health, program and name of a subscription, an event that is refused, subjects, titles, a
  /// reason of quarantine, a schema, a case.
  private func write(_ broker: RealBroker) throws -> RawClient {
    let evil = try broker.client("a")
    try evil.send(.hello(Hello(identity: "jp.test/a", program: Self.words, version: Self.words)))
    let _: Welcome = try evil.answer { if case .welcome(let it) = $0 { it } else { nil } }
    try evil.send(.ping(Ping(state: .ok, text: Self.words)))
    try evil.publish([try hostileDetection("h-1"), try hostileDetection("h-2")])
    _ = try evil.publish([try hostileDetection("bad").replacingOccurrences(of: "AMBER", with: "MAUVE")])
    return evil
  }

  private func hostileDetection(_ id: String) throws -> String {
    let moment = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    let line = "\u{9b}31m\u{202e}\u{200b}Gr\u{456}d [a](http://e.example)"
    let finding = Finding(uid: id, title: line, analytic: Analytic(name: "exercise"))
    let draft = Draft(
      Detection(finding: finding, severityID: 1, firstSeen: moment, lastSeen: moment), id: id, subject: line,
      time: moment)
    return String(decoding: try draft.encoded(source: "//jp.test/a"), as: UTF8.self)
  }

  @Test func `no command shows them as they are`() throws {
    let broker = try RealBroker()
    let evil = try write(broker)
    defer { withExtendedLifetime(evil) {} }
    let event = "\(broker.folder)/event.jsonl"
    try (try hostileDetection("h-3").replacingOccurrences(of: "\"AMBER\"", with: "\"\(Self.json(Self.words))\"") + "\n")
      .write(toFile: event, atomically: true, encoding: .utf8)
    let commands: [[String]] = [
      ["status"], ["ledger"], ["tail", "--from", "earliest", "--once"], ["publish", event], ["case", "list"],
      ["case", "incidents"], ["case", "show", Self.words], ["quarantine", "list"], ["quarantine", "show", "1"],
      ["schema", "list"], ["schema", "show", "jp.test.\u{202e}"], ["schema", "check", event],
      ["decide", "sign", Self.words, "--party", "JP", "--key", Self.words],
    ]
    var seen = ""
    for arguments in commands {
      let text = try run(arguments, broker)
      seen += text
      check(text, arguments)
    }
    // They were there to be shown.
    #expect(seen.contains("\\x1b[2J") && seen.contains("Gr\\u{456}d") && seen.contains("\\u{202e}"))
    check(broker.process.printed, ["casusd's log"])
  }

  private func run(_ arguments: [String], _ broker: RealBroker) throws -> String {
    switch arguments.count {
    case 1: try broker.casus(arguments[0]).text
    case 2: try broker.casus(arguments[0], arguments[1]).text
    case 3: try broker.casus(arguments[0], arguments[1], arguments[2]).text
    case 4: try broker.casus(arguments[0], arguments[1], arguments[2], arguments[3]).text
    default:
      try broker.casus(
        arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6]
      ).text
    }
  }

  private func check(_ text: String, _ what: [String]) {
    for scalar in text.unicodeScalars where scalar != "\n" && scalar != "\t" {
      #expect(!HarmlessText.steers(scalar), "\(what): U+\(String(scalar.value, radix: 16))")
    }
    #expect(!text.contains("Gr\u{456}d"), "\(what)")
    for line in text.split(separator: "\n") { #expect(!line.hasPrefix("jp.test/forged"), "\(what): \(line)") }
  }

  private static func json(_ text: String) -> String {
    let bytes = (try? JSONEncoder().encode([text])) ?? Data()
    return String(decoding: bytes, as: UTF8.self).dropFirst(2).dropLast(2).description
  }
}
