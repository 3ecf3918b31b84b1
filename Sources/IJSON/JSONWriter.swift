/// Writes JSON into a byte array: commas, quotes and escapes are its business, balance and unique names the caller's.
///
///     var json = JSONWriter()
///     json.object { json in
///       json.string("op", "hello")
///       json.array("types") { json in json.string("casus.detection.v1") }
///     }
///     send(json.bytes)
///
/// A call with a name writes a member, one without writes an element or the document. Allocates only as the array grows:
/// a writer that is emptied and used again does so once.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8]
  private var needsComma = false

  /// Goes on after `bytes`, which it takes over; reserve room there.
  public init(into bytes: consuming [UInt8] = []) {
    self.bytes = bytes
  }

  /// - Parameter capacity: bytes for which room is made at once.
  public init(capacity: Int) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Gives the bytes away, without a copy.
  public consuming func finish() -> [UInt8] { bytes }

  /// Begins another document in the same memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  public mutating func object(_ body: (inout JSONWriter) throws -> Void) rethrows {
    try container("{", "}", body)
  }

  public mutating func object(_ name: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
    self.name(name)
    try container("{", "}", body)
  }

  public mutating func array(_ body: (inout JSONWriter) throws -> Void) rethrows {
    try container("[", "]", body)
  }

  public mutating func array(_ name: StaticString, _ body: (inout JSONWriter) throws -> Void) rethrows {
    self.name(name)
    try container("[", "]", body)
  }

  /// A member's name; the next call without a name writes its value.
  public mutating func name(_ name: StaticString) {
    separate()
    bytes.appendQuoted(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A member's name that is known only when the program runs.
  public mutating func name(dynamic name: String) {
    separate()
    bytes.appendQuoted(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func string(_ value: String) {
    separate()
    bytes.appendQuoted(value)
  }

  public mutating func string(_ name: StaticString, _ value: String) {
    self.name(name)
    string(value)
  }

  /// A string of bytes, which must be UTF-8.
  public mutating func string(utf8 value: UnsafeBufferPointer<UInt8>) {
    separate()
    bytes.appendQuoted(value)
  }

  /// Beyond ±(2^53 - 1) a strict reader refuses it: write such numbers as strings.
  public mutating func int(_ value: some BinaryInteger) {
    separate()
    bytes.appendDigits(value)
  }

  public mutating func int(_ name: StaticString, _ value: some BinaryInteger) {
    self.name(name)
    int(value)
  }

  /// The number's digits as a string: exact also beyond 2^53.
  public mutating func decimalString(_ value: UInt64) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes.appendDigits(value)
    bytes.append(UInt8(ascii: "\""))
  }

  /// The shortest digits that read back as the same double; `null` for an infinity or no number, which JSON can't say.
  public mutating func double(_ value: Double) {
    separate()
    if value.isFinite { bytes.appendShortest(value) } else { bytes.appendText("null") }
  }

  public mutating func double(_ name: StaticString, _ value: Double) {
    self.name(name)
    double(value)
  }

  public mutating func bool(_ value: Bool) {
    separate()
    bytes.appendText(value ? "true" : "false")
  }

  public mutating func bool(_ name: StaticString, _ value: Bool) {
    self.name(name)
    bool(value)
  }

  public mutating func null() {
    separate()
    bytes.appendText("null")
  }

  public mutating func null(_ name: StaticString) {
    self.name(name)
    null()
  }

  /// Bytes that are one JSON value already.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  public mutating func raw(_ name: StaticString, _ json: some Sequence<UInt8>) {
    self.name(name)
    raw(json)
  }

  /// Writes one value with `body`.
  mutating func write(_ body: (inout [UInt8]) -> Void) {
    separate()
    body(&bytes)
  }

  private mutating func container(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    bytes.append(UInt8(ascii: open))
    needsComma = false
    try body(&self)
    bytes.append(UInt8(ascii: close))
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}

extension JSONWriter {
  /// What was written.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// A string as JSON: with its quotation marks and escapes.
  public static func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.string(text)
    return json.text
  }
}
