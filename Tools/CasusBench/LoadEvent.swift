internal import SeededRandom

/// The events of a measurement: real CloudEvents of a type with a schema, of an exact size, each with its number and the
/// moment when it was due. Not thread-safe.
///
/// 512 texts take turns, more than a compressor's window holds, so that a chunk shrinks about as other JSON does.
public struct LoadEvent {
  public static let type = "bench.load.v1"
  /// The envelope and empty data, for a source of up to 13 characters.
  public static let smallest = 216

  static let schema = """
    {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:casus:schema:bench.load.v1",
     "$ref":"urn:casus:schema:cloudevent",
     "properties":{"type":{"const":"bench.load.v1"},
      "data":{"type":"object","properties":{
        "severity_id":{"type":"integer","minimum":0,"maximum":6},
        "asset":{"type":"string","maxLength":64,"pattern":"^[a-z0-9.-]+$"},
        "marks":{"type":"array","maxItems":8,"items":{"enum":["scan","write","operate","exfiltrate"]}},
        "text":{"type":"string","maxLength":65536}},
       "required":["text"],"additionalProperties":false}}}
    """

  private static let start = #"{"id":""#
  private static let digits = (number: 12, time: 19)
  /// Where the number and the time stand.
  private static let numberPlace = 7
  private static let timePlace = 20

  public let size: Int
  private let templates: [[UInt8]]

  /// - Parameter source: `//bench/p1`.
  public init(source: String, size: Int) {
    self.size = size
    var random = SeededGenerator(seed: UInt64(truncatingIfNeeded: size))
    templates = (0..<512).map { _ in Self.template(source, size, &random) }
  }

  private static func template(_ source: String, _ size: Int, _ random: inout SeededGenerator) -> [UInt8] {
    let id = String(repeating: "0", count: digits.number) + "-" + String(repeating: "0", count: digits.time)
    let envelope =
      "\(start)\(id)\",\"specversion\":\"1.0\",\"source\":\"\(source)\",\"type\":\"\(type)\","
      + "\"time\":\"2026-01-01T00:00:00Z\",\"datacontenttype\":\"application/json\",\"tlp\":\"CLEAR\",\"data\":{"
    let members = "\"severity_id\":3,\"asset\":\"substation-7.example\",\"marks\":[\"scan\",\"write\"],"
    let room = size - envelope.utf8.count - 11
    let text = envelope + (room > members.utf8.count + 40 ? members : "") + "\"text\":\""
    var bytes = Array(text.utf8)
    while bytes.count < size - 3 {
      if bytes.last != UInt8(ascii: "\"") { bytes.append(UInt8(ascii: " ")) }
      bytes += words[Int(random.next() % UInt64(words.count))].utf8
    }
    bytes.removeLast(max(0, bytes.count - (size - 3)))
    return bytes + Array("\"}}".utf8)
  }

  /// Writes one event; `target` has `size` bytes.
  func write(_ number: UInt64, due time: UInt64, into target: UnsafeMutableRawBufferPointer) {
    let template = templates[Int(truncatingIfNeeded: number & 511)]
    template.withUnsafeBytes { target.copyMemory(from: $0) }
    Self.write(number, Self.digits.number, at: Self.numberPlace, target)
    Self.write(time, Self.digits.time, at: Self.timePlace, target)
  }

  private static func write(
    _ value: UInt64, _ digits: Int, at place: Int, _ target: UnsafeMutableRawBufferPointer
  ) {
    var rest = value
    for position in stride(from: place + digits - 1, through: place, by: -1) {
      target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// The number and the moment of an event; nil when it is none of these.
  static func read(_ event: UnsafeRawBufferPointer) -> (number: UInt64, time: UInt64)? {
    guard event.count >= smallest - 32, event[2] == UInt8(ascii: "i"), event[19] == UInt8(ascii: "-") else {
      return nil
    }
    return (read(event, numberPlace, digits.number), read(event, timePlace, digits.time))
  }

  private static func read(_ event: UnsafeRawBufferPointer, _ place: Int, _ digits: Int) -> UInt64 {
    var value: UInt64 = 0
    for position in place..<(place + digits) { value = value &* 10 &+ UInt64(event[position] &- UInt8(ascii: "0")) }
    return value
  }

  /// What texts are made of: words of logs, so that they compress like those.
  private static let words = [
    "connection", "from", "to", "port", "refused", "accepted", "session", "opened", "closed", "for", "user", "root",
    "relay", "breaker", "operate", "select", "master", "outstation", "substation", "feeder", "alarm", "raised",
    "cleared", "GET", "POST", "HTTP/1.1", "200", "404", "Mozilla/5.0", "TLS", "handshake", "certificate", "expired",
    "DNS", "query", "A", "AAAA", "192.0.2.7", "198.51.100.23", "203.0.113.9", "2001:db8::1", "modbus", "function",
    "write", "register", "value", "threshold", "voltage", "current", "frequency", "50.01", "49.98", "kV", "process",
    "started", "exited", "code", "0", "1", "signal", "9", "file", "created", "deleted", "path", "hash", "sha256",
    "payload", "bytes", "flow", "direct", "operation", "scan", "detected", "rule", "1111601", "severity", "high",
  ]
}
