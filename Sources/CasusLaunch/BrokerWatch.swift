/// Where a running broker is found.
public struct BrokerAddress: Hashable, Sendable {
  /// For clients on this machine.
  public var endpoint: String
  /// Z85.
  public var key: String

  public init(endpoint: String, key: String) {
    self.endpoint = endpoint
    self.key = key
  }
}

/// A process that crashed, for the record.
public struct Crash: Hashable, Sendable {
  public var name: String
  public var exit: Exit
  /// How often it has been started again so far.
  public var restarts: Int
  /// Nanoseconds until it is started again; nil when it stays down.
  public var restartIn: Int64?
  /// Its last line.
  public var lastLine: String?
}

/// The launcher's view of the broker from a client's side. The launcher itself speaks no protocol; `casus` gives it
/// this over the SDK.
///
/// Called from the launcher's thread; a call returns at once and does its work elsewhere.
public protocol BrokerWatch: Sendable {
  /// The broker listens. From now on `report` is told who is connected, whenever that changes, from any thread.
  func begin(_ broker: BrokerAddress, report: @escaping @Sendable (Set<String>) -> Void)
  /// Puts a crash on the bus when that is possible.
  func crashed(_ crash: Crash)
  /// The broker is about to end: nothing more to watch.
  func end()
}
