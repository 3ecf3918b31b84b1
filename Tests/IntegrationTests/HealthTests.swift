import CasusEvents
import CasusPlugin
import CasusTestKit
import CasusWire
import Foundation
import Glibc
import TestSupport
import Testing
import ZeroMQ

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
    #expect(lines.contains { $0.hasPrefix("casus_commit_seconds_count ") && !$0.hasSuffix(" 0") })
    #expect(lines.contains("casus_publish_accepted_seconds_count 1"))
    #expect(lines.contains("casus_publish_accepted_seconds_bucket{le=\"+Inf\"} 1"))
    // Buckets hold what those before them hold.
    let buckets = lines.filter { $0.hasPrefix("casus_commit_seconds_bucket") }
    let counts = buckets.compactMap { Double($0.split(separator: " ").last ?? "") }
    #expect(buckets.count == 21 && counts == counts.sorted())
    // Each metric has its type before its samples, and no sample stands twice.
    var typed: Set<Substring> = []
    var histograms: Set<Substring> = []
    var seen: Set<Substring> = []
    for line in lines where !line.hasPrefix("# HELP") {
      if line.hasPrefix("# TYPE ") {
        #expect(typed.insert(line.split(separator: " ")[2]).inserted)
        if line.hasSuffix(" histogram") { histograms.insert(line.split(separator: " ")[2]) }
      } else {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let stem = name.lastIndex(of: "_").map { name[..<$0] } ?? name
        #expect(typed.contains(name) || histograms.contains(stem), "\(line)")
        #expect(seen.insert(line.prefix(upTo: line.lastIndex(of: " ") ?? line.endIndex)).inserted, "\(line)")
        #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
      }
    }
    #expect(try broker.casus("metrics", "--out", "/nonexistent/casus.prom").code == 73)
  }

  @Test func `prometheus reads the metrics at a port of this machine alone`() throws {
    let broker = try RealBroker()
    _ = try broker.casus("status")
    let process = try RealProcess(
      "casus", ["metrics", "--listen", "127.0.0.1:0", "--as", "jp.test/op"], folder: broker.folder,
      environment: ["CASUS_HOME": "\(broker.folder)/home"])
    defer {
      process.kill(signal: SIGKILL)
      _ = process.wait()
    }
    try awaitCondition("it listens") { process.printed.hasSuffix("/metrics\n") || process.exit != nil }
    let place = try #require(process.printed.firstMatch(of: /^http:\/\/127\.0\.0\.1:([0-9]+)\/metrics\n$/)?.1)
    func ask(_ request: String) throws -> (head: String, body: String) {
      let connection = try RawTCP("tcp://127.0.0.1:\(place)")
      connection.send(Array(request.utf8))
      var answer: [UInt8] = []
      let deadline = Deadline("an answer")
      while let bytes = connection.receive(milliseconds: 100) {
        answer += bytes
        try deadline.check()
      }
      let parts = String(decoding: answer, as: UTF8.self).components(separatedBy: "\r\n\r\n")
      return (parts[0], parts.dropFirst().joined())
    }
    // Those that say nothing hold up nobody.
    let silent = try (0..<70).map { _ in try RawTCP("tcp://127.0.0.1:\(place)") }
    let page = try ask("GET /metrics?all=1 HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(page.head.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"), "\(page.head)")
    #expect(page.head.contains("Content-Length: \(page.body.utf8.count)\r\n"))
    #expect(page.body.contains("\ncasus_broker_info{name=\"test\","), "\(page.body.prefix(500))")
    for one in silent { #expect(one.isHungUp()) }
    let head = try ask("HEAD /metrics HTTP/1.0\r\n\r\n")
    #expect(head.head.hasPrefix("HTTP/1.1 200 ") && head.body.isEmpty)
    for (request, status) in [
      ("POST /metrics HTTP/1.1\r\n\r\n", 405), ("GET /status HTTP/1.1\r\n\r\n", 404), ("\u{1}\r\n\r\n", 400),
      ("GET /metrics HTTP/2\r\n\r\n", 400), ("GET  /metrics HTTP/1.1\r\n\r\n", 400),
      ("GET /\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\r\n", 400),
    ] {
      let answer = try ask(request)
      #expect(answer.head.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(40)): \(answer.head)")
    }
    broker.process.kill(signal: SIGKILL)
    _ = broker.process.wait()
    let gone = try ask("GET /metrics HTTP/1.1\r\n\r\n")
    #expect(gone.head.hasPrefix("HTTP/1.1 503 ") && gone.body.contains("no broker"), "\(gone)")
    process.kill(signal: SIGTERM)
    #expect(process.wait().code == 0)
    for place in ["0.0.0.0:9464", "192.0.2.1:9464", "localhost:9464", "9464"] {
      #expect(try broker.casus("metrics", "--listen", place).code == 64)
    }
  }

  /// The reference page has each metric with its type and its words, and no other.
  @Test func `the metrics are those of the reference page`() throws {
    let (broker, _, _, _) = try RealBroker.quarantining()
    let refused = try broker.join("a").publish(["{}"])
    #expect(refused.refused.count == 1)
    let text = try broker.casus("metrics").text
    let told = text.split(separator: "\n").filter { $0.hasPrefix("# ") }.map { line in
      line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
    }
    var metrics: [String: [String]] = [:]
    for words in told where words.count == 4 { metrics[words[2], default: []].append(words[3]) }
    let page = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../docs/reference/metrics.md").standardizedFileURL, encoding: .utf8)
    var written: [String: [String]] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `casus_") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      written[cells[0].trimmingCharacters(in: ["`"])] = [cells[3], cells[1]]
    }
    // What retention holds back is there only when it does.
    written["casus_retention_held_bytes"] = nil
    #expect(written.count > 20)
    for (name, words) in metrics { #expect(written[name] == words, "\(name)") }
    #expect(Set(written.keys) == Set(metrics.keys))
  }

  /// What a command says to a broker of another age.
  private final class OtherBroker {
    private let fake: FakeBroker
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "casus-other-\(UUID().uuidString)"
    ).path
    private let connection: Connection

    init(alerts: String) throws {
      let status = """
        {"broker":{"name":"EXERCISE"},"journal":{"first":"1","last":"0","bytes":0,"segments":0},"plugins":[]\(alerts)}
        """
      fake = try FakeBroker { heard in
        guard case .request(let request) = heard.command else { return nil }
        return [.init(.reply(Reply(id: request.id, result: Array(status.utf8))))]
      }
      let manifest = Manifest(program: "t", version: "1", summary: "EXERCISE", publishes: [], subscribes: [])
      connection = try fake.connection(manifest)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try KeyFile(comment: "EXERCISE", keys: connection.keys).write("\(folder)/key", replacing: true)
    }

    deinit {
      fake.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }

    func casus(_ arguments: String...) throws -> (code: Int32?, text: String) {
      let process = try RealProcess(
        "casus", arguments, folder: folder,
        environment: [
          "CASUS_BROKER": connection.endpoint, "CASUS_BROKER_KEY": connection.brokerKey.z85,
          "CASUS_KEY_FILE": "\(folder)/key", "CASUS_IDENTITY": connection.identity,
        ])
      let ended = process.wait()
      return (ended.code, process.printed)
    }
  }

  @Test func `a broker that is older than alerts is not called healthy`() throws {
    let broker = try OtherBroker(alerts: "")
    let health = try broker.casus("health")
    #expect(health.code == 70 && health.text.contains("this broker does not tell alerts"))
    let status = try broker.casus("status")
    #expect(status.code == 0 && status.text.contains("this broker does not tell alerts"))
    let metrics = try broker.casus("metrics")
    #expect(metrics.code == 0 && metrics.text.contains("casus_sessions ") && !metrics.text.contains("casus_alerts"))
  }

  @Test func `an alert that only a newer broker knows is told too`() throws {
    let alert = #"{"code":"xx-new","severity":"critical","subject":"EXERCISE","text":"EXERCISE"}"#
    let broker = try OtherBroker(alerts: ",\"alerts\":[\(alert),\(alert)]")
    let metrics = try broker.casus("metrics")
    #expect(metrics.text.contains("casus_alerts{code=\"xx-new\",severity=\"critical\"} 2\n"))
    #expect(metrics.text.contains("casus_alerts{code=\"disk-low\",severity=\"warning\"} 0\n"))
    #expect(try broker.casus("health").code == 1)
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

  @Test func `a registry folder that is gone is a warning and an event until it is back`() throws {
    let broker = try RealBroker()
    let (path, aside) = ("\(broker.folder)/registry", "\(broker.folder)/aside")
    try FileManager.default.moveItem(atPath: path, toPath: aside)
    #expect(try alerted(broker, .registryFault).text.contains("registry"))
    try FileManager.default.moveItem(atPath: aside, toPath: path)
    let deadline = Deadline("the alert to go")
    while try broker.casus("health").code != 0 { try deadline.pause(microseconds: 50_000) }
    let told = try broker.casus("tail", "--type", "casus.bus.registry.v1", "--from", "earliest", "--once", "--json")
    let lines = told.text.split(separator: "\n").filter { $0.contains("\"file\":\".\"") }
    #expect(lines.count == 2, "\(told.text)")
    #expect(lines.first?.contains("set-aside") == true && lines.last?.contains("\"good\"") == true)
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
