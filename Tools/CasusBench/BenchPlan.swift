/// What a measurement does. A plain value; the same plan on the same machine gives comparable figures.
public struct BenchPlan: Codable, Hashable, Sendable {
  public enum Transport: String, Codable, CaseIterable, Sendable { case tcp, ipc }

  /// What an acknowledgement waits for.
  public enum Sync: String, Codable, CaseIterable, Sendable {
    /// fdatasync.
    case disk
    /// The operating system has the bytes.
    case os
    /// As `os`, in a folder in memory.
    case memory
  }

  /// Processes that publish, 1 to 64; beside something that grows also 0.
  public var publishers = 1
  /// Processes that subscribe to everything, 0 to 64.
  public var subscribers = 1
  /// Bytes of an event; ``LoadEvent/smallest`` to 65,536.
  public var size = 512
  /// Events of one call of `publish`, 1 to 1,024; the SDK puts what gathers into larger batches.
  public var batch = 128
  /// Events a second in all; 0 is as fast as acknowledgements come.
  public var rate = 0.0
  /// Calls of one publisher on their way at once.
  public var inFlight = 32
  /// CURVE, as always outside of measurements; else PLAIN, without encryption.
  public var curve = true
  public var sync = Sync.disk
  public var transport = Transport.tcp
  /// Whether the subscriptions are durable, that is acknowledged.
  public var durable = true
  /// Seconds of publishing.
  public var duration = 10.0
  /// Nil: nothing beside the load.
  public var growth: BenchGrowth?

  public init() {}

  /// What is wrong with it, in words for people.
  public var problem: String? {
    switch self {
    case _ where !((growth == nil ? 1 : 0)...64).contains(publishers): "publishers are 1 to 64"
    case _ where !(0...64).contains(subscribers): "subscribers are 0 to 64"
    case _ where !(LoadEvent.smallest...65_536).contains(size):
      "an event has \(LoadEvent.smallest) (its envelope) to 65,536 bytes"
    case _ where !(1...1_024).contains(batch): "a call has 1 to 1,024 events"
    case _ where rate < 0 || rate > 100_000_000: "the rate is 0 to 100,000,000 events a second"
    case _ where !(1...1_024).contains(inFlight): "1 to 1,024 calls are on their way at once"
    case _ where !(0.1...86_400).contains(duration): "the duration is 0.1 to 86,400 seconds"
    default: growth?.problem
    }
  }

  /// Events of one call that fit into one batch.
  var fittingBatch: Int { max(1, min(batch, 262_144 / (size + 4))) }
}
