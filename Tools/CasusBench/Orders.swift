internal import CasusEvents
internal import FoundationEssentials
internal import Histogram
internal import ZeroMQ

typealias Latencies = Histogram<UInt64>

/// Microseconds would hide what a lone event costs: nanoseconds up to a minute, three digits.
func makeLatencies() -> Latencies {
  Latencies(highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
}

/// How a worker is to reach the broker, and what it is to do.
struct WorkerOrder: Codable {
  var plan: BenchPlan
  var endpoint: String
  var brokerKey: String
  var publicKey: String
  var secretKey: String
  /// `bench/p1`: a publisher; `s` a subscriber, `h` a reader of history, `q` a seeker, `i` idle ones.
  var identity: String
  var kind: Substring { identity.dropFirst("bench/".count).prefix(1) }
  /// Events a second of this one; 0 is as fast as acknowledgements come.
  var rate: Double
  /// Events of this one at most.
  var events: UInt64 = .max
  /// The idle plugins that this process holds, and the secret key of each.
  var crowd: [String: String] = [:]
  /// Of these, how many subscribe.
  var crowdSubscribers = 0
}

/// What the measurement tells its workers.
enum Order: Codable {
  case work(WorkerOrder)
  /// Begin and end, in steady nanoseconds.
  case go(start: UInt64, end: UInt64)
  /// Read until this many events of this publisher were there.
  case finish(expected: [String: UInt64])
  case stop
}

/// What a worker tells the measurement.
enum Word: Codable {
  case hello
  case ready
  case progress(UInt64)
  case published(PublishFigures)
  case read(ReadFigures)
  case sought(SeekFigures)
  case failed(String)
}

struct PublishFigures: Codable {
  var accepted: UInt64 = 0
  var refused: UInt64 = 0
  /// Of what was sent a second time.
  var duplicates: UInt64 = 0
  var firstRefusal: String?
  /// When the last acknowledgement came.
  var last: UInt64 = 0
  var latencies = makeLatencies()
  var cpuSeconds = 0.0
  var residentMegabytes = 0.0
}

struct ReadFigures: Codable {
  /// By publisher.
  var received: [String: UInt64] = [:]
  var lost: UInt64 = 0
  var repeated: UInt64 = 0
  var disordered: UInt64 = 0
  var last: UInt64 = 0
  var latencies = makeLatencies()
  var cpuSeconds = 0.0
  var residentMegabytes = 0.0
}

struct SeekFigures: Codable {
  var journalEvents: UInt64 = 0
  var bySequence = makeLatencies()
  var byTime = makeLatencies()
}

/// A worker's end of the line to the measurement.
final class OrderLine {
  let socket: Socket

  init(_ endpoint: String) throws(ZeroMQError) {
    socket = try Socket(.dealer)
    try socket.setSendHighWaterMark(0)
    try socket.setLinger(.seconds(2))
    try socket.connect(endpoint)
  }

  func say(_ word: Word) throws { try socket.send(canonicalJSON(word)) }

  /// Waits for the next order.
  func listen() throws -> Order {
    try readJSON(Order.self, socket.receiveFrames()[0])
  }

  /// The next order when one is there.
  func order() throws -> Order? {
    var message = Message()
    guard try socket.tryReceive(into: &message) else { return nil }
    return try readJSON(Order.self, message.bytes)
  }
}
