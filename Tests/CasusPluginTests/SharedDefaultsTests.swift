import CasusTestKit
import CasusWire
import Foundation
import TestSupport
import Testing

@testable import CasusPlugin

/// `Tests/Vectors/defaults.json`: what a client does when its user says nothing, in every language alike.
@Suite struct SharedDefaults {
  @Test func `are the SDK s`() throws {
    let data = try Data(contentsOf: Checkout.root.appending(path: "Tests/Vectors/defaults.json"))
    let shared = try JSONDecoder().decode([String: Int].self, from: data)
    let subscription = Subscription(types: [">"])
    let broker = try FakeBroker()
    defer { broker.stop() }
    let mine = [
      "ack_wait_ms": Int(subscription.ackWait / .milliseconds(1)), "max_attempts": subscription.maxAttempts,
      "window_events": subscription.windowEvents, "window_bytes": subscription.windowBytes,
      "outbox_bytes": try broker.connection().outboxBytes, "welcome_wait_s": Int(Session.welcomeWait / .seconds(1)),
      "named_in_one_ack": AckTracker.mostNamed, "publish_overhead_bytes": Publish.overhead,
    ]
    #expect(shared == mine)
  }
}
