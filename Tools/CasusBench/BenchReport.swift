internal import Histogram

/// What a measurement found. JSON names are those of `casus bench --json`.
public struct BenchReport: Codable, Sendable {
  /// Milliseconds.
  public struct Latency: Codable, Sendable {
    public var p50: Double
    public var p99: Double
    public var p999: Double
    public var max: Double

    init(_ latencies: Latencies) {
      func milliseconds(_ percentile: Double) -> Double {
        latencies.totalCount == 0 ? 0 : Double(latencies.valueAtPercentile(percentile)) / 1e6
      }
      p50 = milliseconds(50)
      p99 = milliseconds(99)
      p999 = milliseconds(99.9)
      max = milliseconds(100)
    }
  }

  public struct Broker: Codable, Sendable {
    /// Resident at its most, in megabytes of 10^6 bytes.
    public var rssMegabytes: Double
    /// Resident before the first event.
    public var idleMegabytes: Double
    /// Resident at the end; absent in earlier reports.
    public var finalMegabytes: Double?
    public var cpuSeconds: Double
    /// From the start of the process until it listened; absent in earlier reports.
    public var startMilliseconds: Double?
    /// Heap allocations for each published event after the first third of the run; absent when they were not counted.
    public var allocationsPerEvent: Double?

    enum CodingKeys: String, CodingKey {
      case rssMegabytes = "rss_mb"
      case idleMegabytes = "idle_rss_mb"
      case finalMegabytes = "final_rss_mb"
      case cpuSeconds = "cpu_s"
      case startMilliseconds = "start_ms"
      case allocationsPerEvent = "allocations_per_event"
    }
  }

  /// The processes of one kind together.
  public struct Workers: Codable, Sendable {
    public var cpuSeconds: Double
    /// Of the largest.
    public var rssMegabytes: Double

    enum CodingKeys: String, CodingKey {
      case cpuSeconds = "cpu_s"
      case rssMegabytes = "rss_mb"
    }
  }

  public var plan: BenchPlan
  public var publishedPerSecond: Double
  /// All subscribers together.
  public var deliveredPerSecond: Double
  public var published: UInt64
  public var delivered: UInt64
  public var refused: UInt64
  public var firstRefusal: String?
  public var lost: UInt64
  public var repeated: UInt64
  public var disordered: UInt64
  public var acknowledged: Latency
  public var delivery: Latency
  public var broker: Broker
  public var publishers: Workers
  public var subscribers: Workers
  /// Absent where nothing grew.
  public var growth: Growth?

  enum CodingKeys: String, CodingKey {
    case plan
    case publishedPerSecond = "published_per_second"
    case deliveredPerSecond = "delivered_per_second"
    case published, delivered, refused
    case firstRefusal = "first_refusal"
    case lost, repeated, disordered
    case acknowledged = "ack_ms"
    case delivery = "deliver_ms"
    case broker, publishers, subscribers, growth
  }

  init(_ plan: BenchPlan, start: UInt64, published: [PublishFigures], read: [ReadFigures], broker: BrokerGauge) {
    self.plan = plan
    self.published = published.reduce(0) { $0 + $1.accepted }
    refused = published.reduce(0) { $0 + $1.refused }
    firstRefusal = published.lazy.compactMap(\.firstRefusal).first
    delivered = read.reduce(0) { $0 + $1.received.values.reduce(0, +) }
    lost = read.reduce(0) { $0 + $1.lost }
    repeated = read.reduce(0) { $0 + $1.repeated }
    disordered = read.reduce(0) { $0 + $1.disordered }
    func rate(_ count: UInt64, until last: UInt64?) -> Double {
      guard let last, last > start else { return 0 }
      return (Double(count) / (Double(last - start) / 1e9)).rounded()
    }
    publishedPerSecond = rate(self.published, until: published.map(\.last).max())
    deliveredPerSecond = rate(delivered, until: read.map(\.last).max())
    var acknowledgements = makeLatencies()
    for figures in published { acknowledgements.add(figures.latencies) }
    var deliveries = makeLatencies()
    for figures in read { deliveries.add(figures.latencies) }
    acknowledged = Latency(acknowledgements)
    delivery = Latency(deliveries)
    self.broker = broker.figures
    publishers = Workers(
      cpuSeconds: published.reduce(0) { $0 + $1.cpuSeconds },
      rssMegabytes: published.map(\.residentMegabytes).max() ?? 0)
    subscribers = Workers(
      cpuSeconds: read.reduce(0) { $0 + $1.cpuSeconds }, rssMegabytes: read.map(\.residentMegabytes).max() ?? 0)
  }

  /// Whether every event that was acknowledged arrived once and in order everywhere.
  public var isWhole: Bool { lost == 0 && repeated == 0 && disordered == 0 && refused == 0 }
}
