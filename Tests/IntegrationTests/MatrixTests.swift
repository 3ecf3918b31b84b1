import CasusEvents
import CasusWire
import Foundation
import TestSupport
import Testing
import ZeroMQ

/// Every command and request, tried as every identity: what is not in the table as `ok` must not pass, and each refusal for
/// want of permission is an event of the bus.
@Suite(.blocking, .timeLimit(.minutes(15)), .serialized) struct Matrix {
  private static let findings = "casus.detection.v1"
  private static let identities = ["pub", "sub", "ana", "rec", "ope", "obs", "rep", "exe", "other"]

  private static let registry = Registered(agencies: [
    "jp.test": [
      "pub": .init(publish: [findings]), "sub": .init(subscribe: [findings]),
      "ana": .init(publish: [findings, "casus.effect.v1"], subscribe: [findings, "casus.effect.v1"]),
      "rec": .init(publish: ["casus.decision.v1"], subscribe: [">"]),
      "ope": .init(roles: ["operator"], subscribe: [">"]), "obs": .init(roles: ["observer"], subscribe: [">"]),
      "rep": .init(roles: ["replay"], publish: [findings]),
      "exe": .init(roles: ["exercise"], publish: [findings], subscribe: [findings]),
      "gone": .init(roles: ["operator", "replay", "exercise"], publish: [">"], subscribe: [">"]),
    ],
    "us.test": ["other": .init(publish: [findings], subscribe: [findings])],
  ])

  /// A row for each attempt: what it is, then a cell an identity, in the order above: `ok`, or the code of the refusal.
  ///
  /// An event of a permitted type that breaks its schema is refused with 303: permission is asked first.
  private static let table = """
                             pub sub ana rec ope obs rep exe other
    hello                    ok  ok  ok  ok  ok  ok  ok  ok  ok
    hello-as-another         201 201 201 201 201 201 201 201 201
    publish                  ok  203 ok  203 203 203 ok  ok  ok
    publish-others-source    204 204 204 204 204 204 204 204 204
    publish-effect           203 203 303 203 203 203 203 203 203
    publish-decision         203 203 203 303 203 203 203 203 203
    publish-bus-event        203 203 203 203 203 203 203 203 203
    publish-without-schema   302 302 302 302 302 302 302 302 302
    publish-exercise         205 203 205 203 203 203 205 ok  205
    publish-replay           205 205 205 205 205 205 ok  205 205
    publish-replay-effect    205 205 205 205 205 205 203 205 205
    subscribe                206 ok  ok  ok  ok  ok  206 ok  ok
    subscribe-durable        206 ok  ok  ok  ok  ok  206 ok  ok
    subscribe-decisions      206 206 206 ok  ok  ok  206 206 206
    subscribe-bus-events     206 206 206 ok  ok  ok  206 206 206
    subscribe-to-all         206 206 206 ok  ok  ok  206 206 206
    subscribe-group          206 209 209 209 209 209 206 209 209
    ack-others               400 400 400 400 400 400 400 400 400
    nack-others              400 400 400 400 400 400 400 400 400
    credit-others            400 400 400 400 400 400 400 400 400
    unsubscribe-others       400 400 400 400 400 400 400 400 400
    ping                     ok  ok  ok  ok  ok  ok  ok  ok  ok
    status                   205 205 205 205 ok  ok  205 205 205
    ledger                   205 205 205 205 ok  ok  205 205 205
    quarantine-list          205 205 205 205 ok  ok  205 205 205
    quarantine-retry         205 205 205 205 ok  205 205 205 205
    quarantine-drop          205 205 205 205 ok  205 205 205 205
    subscriptions            205 205 205 205 ok  ok  205 205 205
    subscription-forget      205 205 205 205 400 205 205 205 205
    schemas                  ok  ok  ok  ok  ok  ok  ok  ok  ok
    schema                   ok  ok  ok  ok  ok  ok  ok  ok  ok
    schema-add-foreign       208 208 208 208 208 208 208 208 208
    request-unknown          405 405 405 405 405 405 405 405 405
    """

  @Test func `only the permitted cells pass and each refusal is an event`() throws {
    let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let names = rows[0]
    #expect(names == Self.identities)
    let broker = try RealBroker(settings: "accept_replay: true")
    try broker.adopt(Self.registry)
    let revoked = try client("gone", of: broker)
    try revoked.hello(as: "jp.test/gone")
    let watcher = try client("ope", of: broker)
    try watcher.hello(as: "jp.test/ope")
    try watcher.subscribe(["casus.bus.refused.v1"], from: .earliest)

    var refused: [String: Int] = [:]
    var cells = 0
    for (column, name) in names.enumerated() {
      let identity = name == "other" ? "us.test/other" : "jp.test/\(name)"
      let client = try client(name, of: broker)
      try client.hello(as: identity)
      for row in rows.dropFirst() {
        let code = try attempt(row[0], as: identity, client)
        #expect((code.map { String($0) } ?? "ok") == row[column + 1], "\(row[0]) as \(identity)")
        if let code, (200..<300).contains(code) { refused["\(identity) \(code)", default: 0] += 1 }
        cells += 1
      }
    }

    // A flood of refusals is told in sums; none is left out.
    try watcher.wait(seconds: 60) { client in
      var told: [String: Int] = [:]
      for event in client.events {
        guard let object = try? JSONSerialization.jsonObject(with: Data(event.bytes)) as? [String: Any],
          let data = object["data"] as? [String: Any], let code = data["code"] as? Int, (200..<300).contains(code)
        else { continue }
        told["\(data["plugin"] as? String ?? "") \(code)", default: 0] += data["count"] as? Int ?? 1
      }
      return told == refused
    }

    // Without a key that is in the registry nothing passes at all.
    var registry = Self.registry
    registry.agencies["jp.test"]?["gone"] = nil
    try broker.adopt(registry)
    let stranger = try RawClient(broker.endpoint, server: broker.key, keys: .generate(), name: "stranger")
    #expect(try revoked.error().error.code == .keyRevoked)
    for client in [revoked, stranger] {
      try client.stopWaitingForConnection()
      for row in rows.dropFirst() {
        cells += 1
        do {
          try send(row[0], as: "jp.test/gone", client)
        } catch let error as ZeroMQError where error.code == .wouldBlock {
          // Its connection was refused before this frame: nothing can even be sent.
        }
      }
    }
    let answers = try heard(revoked)
    #expect(answers.allSatisfy { $0 == WireErrorCode.unauthenticated.rawValue }, "\(answers)")
    #expect(try heard(stranger).isEmpty)
    print("matrix: \(rows.count - 1) attempts as \(names.count + 2) identities, \(cells) cells")
  }

  private func client(_ name: String, of broker: RealBroker) throws -> RawClient {
    try RawClient(
      broker.endpoint, server: broker.key, keys: try KeyFile.read("\(broker.folder)/keys/\(name).key").keys, name: name)
  }

  /// The codes of everything that comes within half a second; 0 for what is no error.
  private func heard(_ client: RawClient) throws -> [Int] {
    for _ in 0..<5 { try client.receive(milliseconds: 100) }
    return client.takeReplies().map { if case .error(let error) = $0 { error.error.code.rawValue } else { 0 } }
  }

  /// Returns the code of the refusal, nil when it passed.
  private func attempt(_ what: String, as identity: String, _ client: RawClient) throws -> Int? {
    try send(what, as: identity, client)
    let code: Int? = try client.answer {
      switch $0 {
      case .error(let error): error.error.code.rawValue
      case .published(let published): .some(published.refused.first?.error.code.rawValue)
      case .welcome, .subscribed, .pong, .reply, .unsubscribed: .some(nil)
      default: nil
      }
    }
    if code == nil, what.hasPrefix("subscribe") {
      // Its number and name are free for the next row.
      try client.send(.unsubscribe(Unsubscribe(subscription: 1, forget: true)))
      let _: Unsubscribed = try client.answer { if case .unsubscribed(let it) = $0 { it } else { nil } }
    }
    return code
  }

  private func send(_ what: String, as identity: String, _ client: RawClient) throws {
    let words = what.split(separator: "-").map(String.init)
    switch words[0] {
    case "hello":
      let name = words.count > 1 ? (identity == "jp.test/ana" ? "us.test/other" : "jp.test/ana") : identity
      try client.send(.hello(Hello(identity: name, program: "raw", version: "1")))
    case "publish": try client.sendBatch([event(what, of: identity)], replay: words.contains("replay"))
    case "subscribe": try client.send(.subscribe(subscription(what)))
    case "ack": try client.send(.ack(Ack(subscription: 77, through: 1)))
    case "nack": try client.send(.nack(Nack(subscription: 77, sequences: [1])))
    case "credit": try client.send(.credit(Credit(subscription: 77, events: 1, bytes: 1)))
    case "unsubscribe": try client.send(.unsubscribe(Unsubscribe(subscription: 77, forget: true)))
    case "ping": try client.send(.ping(Ping()))
    default: try client.send(.request(request(words)))
    }
  }

  private func request(_ words: [String]) -> Request {
    switch words[0] {
    case "quarantine": Request(id: 1, what: "quarantine", parameters: ["action": words[1]])
    case "subscription":
      Request(
        id: 1, what: "subscription-forget", parameters: ["plugin": "jp.test/nobody", "subscription": "none"])
    case "schema" where words.count == 1: Request(id: 1, what: "schema", parameters: ["type": Self.findings])
    case "schema":
      Request(
        id: 1, what: "schema-add",
        parameters: ["type": "casus.own.v1", "schema": "{\"$ref\":\"urn:casus:schema:cloudevent\"}"])
    case "request": Request(id: 1, what: "keys")
    default: Request(id: 1, what: words[0])
    }
  }

  private func subscription(_ what: String) -> Subscribe {
    let types: [String: String] = [
      "subscribe-decisions": "casus.decision.v1", "subscribe-bus-events": "casus.bus.*.v1", "subscribe-to-all": ">",
    ]
    var subscribe = Subscribe(
      subscription: 1, types: [types[what] ?? Self.findings], name: what == "subscribe-durable" ? "durable" : nil,
      creditEvents: 0, creditBytes: 0)
    if what == "subscribe-group" { subscribe.group = "crew" }
    return subscribe
  }

  private func event(_ what: String, of identity: String) throws -> String {
    let types: [String: String] = [
      "publish-effect": "casus.effect.v1", "publish-replay-effect": "casus.effect.v1",
      "publish-decision": "casus.decision.v1", "publish-bus-event": "casus.bus.left.v1",
      "publish-without-schema": "casus.nothing.v1",
    ]
    let isForeign = what == "publish-others-source" || what.hasPrefix("publish-replay")
    let source = isForeign ? "//nobody.test/else" : "//\(identity)"
    let text = try detection(
      "\(what) \(identity)", source: source, exercise: what == "publish-exercise")
    return types[what].map { text.replacingOccurrences(of: Self.findings, with: $0) } ?? text
  }
}
