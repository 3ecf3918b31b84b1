/// What a test asked for did not come about; `description` is one line that says what.
public struct TestKitError: Error, Hashable, Sendable, CustomStringConvertible {
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What was waited for did not come within the patience, which is far longer than a slow machine needs.
    public static let timeout = Code(rawValue: "timeout")
    /// There is no `casusd` to start, or it ended by itself.
    public static let noBroker = Code(rawValue: "no-broker")
    /// An identity that the broker was not started with.
    public static let unknownIdentity = Code(rawValue: "unknown-identity")
    /// The same events gave other bytes the second time.
    public static let notRepeatable = Code(rawValue: "not-repeatable")
  }

  public var code: Code
  public var description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// Looks every few milliseconds until the answer is not nil. The bound only ends what would never end.
func waiting<R>(for what: String, atMost bound: Duration, _ look: () throws -> R?) async throws -> R {
  let deadline = ContinuousClock.now + bound
  while true {
    if let found = try look() { return found }
    guard ContinuousClock.now < deadline else { throw TestKitError(.timeout, "waited \(bound) for \(what)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}
