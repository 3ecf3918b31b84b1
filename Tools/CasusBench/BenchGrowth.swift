/// What a measurement has around it: many others connected, a long journal, many schemas. A plain value.
public struct BenchGrowth: Codable, Hashable, Sendable {
  /// Plugins that are connected and do nothing but say that they live, 0 to 60,000.
  public var idle = 0
  /// Of these, those that hold a durable subscription to types that nobody publishes.
  public var idleSubscribers = 0
  /// Processes that read the journal from its beginning, again and again, while the publishers publish; 0 to 64.
  public var historyReaders = 0
  /// Subscriptions that begin somewhere in the journal, each timed until its first event came: so many by sequence and so
  /// many by time, before the publishing.
  public var seeks = 0
  /// Schemas of further types, 0 to 10,000.
  public var schemas = 0
  /// Ends the publishing after so many events in all instead of the duration; 0: it does not.
  public var events: UInt64 = 0
  /// Whether each batch is sent twice, so that half of the events are duplicates.
  public var repeats = false

  public init() {}

  /// What is wrong with it, in words for people.
  var problem: String? {
    switch self {
    case _ where !(0...60_000).contains(idle): "idle plugins are 0 to 60,000"
    case _ where !(0...idle).contains(idleSubscribers): "those that subscribe are some of the idle plugins"
    case _ where !(0...64).contains(historyReaders): "readers of history are 0 to 64"
    case _ where !(0...1_000_000).contains(seeks): "seeks are 0 to 1,000,000"
    case _ where !(0...10_000).contains(schemas): "further schemas are 0 to 10,000"
    case _ where events > 999_999_999_999: "a publisher numbers its events with 12 digits"
    default: nil
    }
  }

  /// Processes that hold the idle plugins' connections: a context of libzmq holds 1,023 sockets.
  var crowds: Int { (idle + Self.mostInCrowd - 1) / Self.mostInCrowd }
  static let mostInCrowd = 500

  /// A type that nobody publishes.
  static let quietType = "bench.quiet.v1"

  /// A schema about as long and as strict as those of the vocabulary.
  static func schema(_ number: Int) -> (type: String, text: String) {
    let type = "bench.further\(number).v1"
    let members = (0..<12).map { place in
      #""member_\#(place)":{"type":"string","maxLength":\#(64 + number % 64),"pattern":"^[a-z0-9.-]+$"}"#
    }
    return (
      type,
      """
      {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:casus:schema:\(type)",
       "$ref":"urn:casus:schema:cloudevent",
       "properties":{"type":{"const":"\(type)"},
        "data":{"type":"object","properties":{"number":{"type":"integer","minimum":\(number)},
         \(members.joined(separator: ",\n   "))},
         "required":["number"],"additionalProperties":false}}}
      """
    )
  }
}

extension BenchReport {
  /// What was measured beside the load.
  public struct Growth: Codable, Sendable {
    /// Events of the journal when the broker had started.
    public var journalEvents: UInt64 = 0
    /// Of all readers of history together.
    public var historyPerSecond = 0.0
    public var history: UInt64 = 0
    public var seekBySequence: Latency
    public var seekByTime: Latency
    /// Events that were sent a second time, and recognised.
    public var duplicates: UInt64 = 0
    /// The processes that hold the idle connections, while the publishers published.
    public var crowdCPUSeconds = 0.0

    enum CodingKeys: String, CodingKey {
      case journalEvents = "journal_events"
      case historyPerSecond = "history_per_second"
      case history
      case seekBySequence = "seek_sequence_ms"
      case seekByTime = "seek_time_ms"
      case duplicates
      case crowdCPUSeconds = "crowd_cpu_s"
    }
  }
  mutating func add(
    _ sought: SeekFigures?, _ history: [ReadFigures], start: UInt64, _ crowdCPUSeconds: Double,
    _ published: [PublishFigures]
  ) {
    var growth = Growth(
      seekBySequence: Latency(sought?.bySequence ?? makeLatencies()),
      seekByTime: Latency(sought?.byTime ?? makeLatencies()))
    growth.journalEvents = sought?.journalEvents ?? 0
    growth.history = history.reduce(0) { $0 + $1.received.values.reduce(0, +) }
    if let last = history.map(\.last).max(), last > start {
      growth.historyPerSecond = (Double(growth.history) / (Double(last - start) / 1e9)).rounded()
    }
    growth.duplicates = published.reduce(0) { $0 + $1.duplicates }
    growth.crowdCPUSeconds = crowdCPUSeconds
    self.growth = growth
    disordered += history.reduce(0) { $0 + $1.disordered }
  }
}
