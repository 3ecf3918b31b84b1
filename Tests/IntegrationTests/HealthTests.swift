import CasusEvents
import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

/// `casus health` against a real broker: each test makes what it tells of.
@Suite(.blocking, .timeLimit(.minutes(15))) struct RealHealth {
  private struct Answer: Decodable {
    struct Alert: Decodable {
      var code: String
      var severity: String
      var subject: String
      var text: String
      var advice: String
    }

    var state: String
    var alerts: [Alert]
  }

  private func health(_ broker: RealBroker) throws -> (code: Int32?, answer: Answer) {
    let found = try broker.casus("health", "--json")
    return (found.code, try JSONDecoder().decode(Answer.self, from: Data(found.text.utf8)))
  }

  /// The answer once this alert is there.
  private func alerted(_ broker: RealBroker, _ code: AlertCode) throws -> Answer.Alert {
    let deadline = Deadline("the alert \(code.rawValue)")
    while true {
      let (exit, answer) = try health(broker)
      if let alert = answer.alerts.first(where: { $0.code == code.rawValue }) {
        #expect(exit == 1 && alert.severity == code.severity.rawValue && alert.advice == code.advice)
        return alert
      }
      try deadline.pause(microseconds: 50_000)
    }
  }

  @Test func `where nothing is wrong it is one line and zero`() throws {
    let broker = try RealBroker()
    let found = try broker.casus("health")
    #expect(found.code == 0 && found.text.hasPrefix("healthy: ") && found.text.filter { $0 == "\n" }.count == 1)
    let (exit, answer) = try health(broker)
    #expect(exit == 0 && answer.state == "healthy" && answer.alerts.isEmpty)
  }

  @Test func `the metrics are in prometheus format and the file is replaced as a whole`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.send(.ping(Ping(state: .failing, text: "EXERCISE")))
    try client.publish([detection("one")])
    _ = try alerted(broker, .pluginFailing)
    let path = "\(broker.folder)/casus.prom"
    #expect(try broker.casus("metrics", "--out", path).code == 0)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n")
    #expect(lines.contains("casus_plugin_published_total{plugin=\"jp.test/a\"} 1"))
    #expect(lines.contains("casus_alerts{code=\"plugin-failing\",severity=\"warning\"} 1"))
    #expect(lines.contains("casus_alerts{code=\"disk-refuses\",severity=\"critical\"} 0"))
    // Each metric has its type before its samples, and no sample stands twice.
    var typed: Set<Substring> = []
    var seen: Set<Substring> = []
    for line in lines where !line.hasPrefix("# HELP") {
      if line.hasPrefix("# TYPE ") {
        #expect(typed.insert(line.split(separator: " ")[2]).inserted)
      } else {
        #expect(typed.contains(line.prefix { $0 != "{" && $0 != " " }), "\(line)")
        #expect(seen.insert(line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex)).inserted, "\(line)")
        #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
      }
    }
    #expect(try broker.casus("metrics", "--out", "/nonexistent/casus.prom").code == 73)
  }

  @Test func `where no broker answers it is 69`() throws {
    let broker = try RealBroker()
    _ = try broker.casus("health")
    broker.process.kill(signal: SIGKILL)
    _ = broker.process.wait()
    #expect(try broker.casus("health").code == 69)
  }

  @Test func `a plugin that fails is a warning and its words stay on the line`() throws {
    let broker = try RealBroker()
    let client = try broker.join("a")
    try client.send(.ping(Ping(state: .failing, text: "EXERCISE lost\nhealthy: FORGED")))
    let alert = try alerted(broker, .pluginFailing)
    #expect(alert.subject == "jp.test/a" && alert.text.hasPrefix("it says \"EXERCISE lost"))
    #expect(try broker.casus("health", "--critical").code == 0)
    let line = try broker.casus("health")
    #expect(line.code == 1 && line.text.hasPrefix("warning: ") && line.text.filter { $0 == "\n" }.count == 1)
    let advised = try broker.casus("health", "--advice").text
    #expect(advised.contains(AlertCode.pluginFailing.advice))
    #expect(!advised.split(separator: "\n").contains { $0.hasPrefix("healthy") })
  }

  @Test func `a registry file that is wrong is a warning until it is mended`() throws {
    let broker = try RealBroker()
    let path = "\(broker.folder)/registry/jp.other.yaml"
    try "agency: jp.other\nplugins: 7\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try alerted(broker, .registryFault).text.contains("jp.other.yaml:2:10"))
    #expect(try broker.casus("health", "--critical").code == 0)
    try FileManager.default.removeItem(atPath: path)
    let deadline = Deadline("the alert to go")
    while try broker.casus("health").code != 0 { try deadline.pause(microseconds: 50_000) }
  }

  @Test func `what waits for one who is away and what is in quarantine are named`() throws {
    let (broker, subscriber, _, _) = try RealBroker.quarantining()
    #expect(try alerted(broker, .eventsQuarantined).subject == "jp.test/b")
    try subscriber.send(.bye(Bye()))
    try broker.join("a").publish([detection("later")])
    let away = try alerted(broker, .pluginAway)
    #expect(away.subject == "jp.test/b" && away.text.hasPrefix("not connected, with "))
  }
}
