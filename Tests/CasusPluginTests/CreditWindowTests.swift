import Foundation
import TestSupport
import Testing

@testable import CasusPlugin

/// `Tests/Vectors/credit.json`: what is granted, and when, in every language alike.
@Suite struct CreditWindowTests {
  private struct File: Decodable { var windows: [Vector] }

  private struct Vector: Decodable {
    var name: String
    var events: Int
    var bytes: Int
    var durable: Bool
    var held: Bool
    var steps: [Step]
  }

  private struct Grant: Decodable, Equatable {
    var events: Int
    var bytes: Int

    init?(_ grant: (events: Int, bytes: Int)?) {
      guard let grant else { return nil }
      (events, bytes) = grant
    }
  }

  private enum Step: Decodable {
    case begin(at: Int, limit: Int, bufferedEvents: Int, bufferedBytes: Int, Grant?)
    case consume(events: Int, bytes: Int)
    case topUp(at: Int, isReleased: Bool, Grant?)

    enum CodingKeys: String, CodingKey {
      case what = "do"
      case at = "at_ms"
      case limit = "credit_bytes"
      case bufferedEvents = "buffered_events"
      case bufferedBytes = "buffered_bytes"
      case events, bytes, grant
    }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      let grant = try members.decodeIfPresent(Grant.self, forKey: .grant)
      func number(_ key: CodingKeys) throws -> Int { try members.decode(Int.self, forKey: key) }
      switch try members.decode(String.self, forKey: .what) {
      case "begin":
        self = try .begin(
          at: number(.at), limit: number(.limit), bufferedEvents: number(.bufferedEvents),
          bufferedBytes: number(.bufferedBytes), grant)
      case "consume": self = try .consume(events: number(.events), bytes: number(.bytes))
      case let what: self = try .topUp(at: number(.at), isReleased: what == "release", grant)
      }
    }
  }

  @Test func `each grants what the vectors say`() throws {
    let data = try Data(contentsOf: Checkout.root.appending(path: "Tests/Vectors/credit.json"))
    let start = ContinuousClock.now
    for vector in try JSONDecoder().decode(File.self, from: data).windows {
      let request = Subscription(
        types: [">"], name: vector.durable ? "n" : nil, windowEvents: vector.events, windowBytes: vector.bytes)
      var window = CreditWindow(request, isHeld: vector.held)
      for (number, step) in vector.steps.enumerated() {
        switch step {
        case .begin(let at, let limit, let events, let bytes, let grant):
          window.sessionLost(bufferedEvents: events, bufferedBytes: bytes)
          #expect(
            Grant(window.startSession(limit: limit, now: start + .milliseconds(at))) == grant,
            "\(vector.name), \(number)")
        case .consume(let events, let bytes):
          for index in 0..<events { window.consume(bytes: index == 0 ? bytes : 0) }
        case .topUp(let at, let isReleased, let grant):
          if isReleased { window.isHeld = false }
          #expect(Grant(window.topUp(now: start + .milliseconds(at))) == grant, "\(vector.name), \(number)")
        }
      }
    }
  }
}
