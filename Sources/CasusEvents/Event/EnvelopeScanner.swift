/// Finds an event's attributes without reading its `data`: one pass over the bytes, no copy but of the attributes.
///
/// It trusts that the bytes are JSON, as those of a broker are, and says nil for anything out of the ordinary (an escape in
/// an attribute, a member twice, a value of another kind), which the slow and exact way then judges. About a tenth of
/// its time.
struct EnvelopeScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  static func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Envelope? {
    var scanner = EnvelopeScanner(bytes: bytes)
    return scanner.envelope()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private mutating func envelope() -> Envelope? {
    var specversion: String?
    var id: String?
    var source: String?
    var type: String?
    var time: String?
    var subject: String?
    var datacontenttype: String?
    var dataschema: String?
    var tlp: String?
    var correlationid: String?
    var causationid: String?
    var traceparent: String?
    var exercise: Bool?
    guard next() == UInt8(ascii: "{") else { return nil }
    repeat {
      guard next() == UInt8(ascii: "\""), let name = range(), next() == UInt8(ascii: ":") else { return nil }
      let done =
        switch attribute(name) {
        case .specversion?: text(&specversion)
        case .id?: text(&id)
        case .source?: text(&source)
        case .type?: text(&type)
        case .time?: text(&time)
        case .subject?: text(&subject)
        case .datacontenttype?: text(&datacontenttype)
        case .dataschema?: text(&dataschema)
        case .tlp?: text(&tlp)
        case .correlationid?: text(&correlationid)
        case .causationid?: text(&causationid)
        case .traceparent?: text(&traceparent)
        case .exercise?: boolean(&exercise)
        case .data?, nil: skipValue()
        }
      guard done, let separator = next() else { return nil }
      if separator == UInt8(ascii: "}") { break }
      guard separator == UInt8(ascii: ",") else { return nil }
    } while true
    guard next() == nil, specversion == "1.0", let id, let source, let type, let tlp = tlp.flatMap(TLP.init(rawValue:))
    else { return nil }
    let moment = time.flatMap(Timestamp.init(rfc3339:))
    guard (moment == nil) == (time == nil) else { return nil }
    return Envelope(
      id: id, source: source, type: EventType(type), time: moment, subject: subject, dataschema: dataschema, tlp: tlp,
      exercise: exercise ?? false, correlationid: correlationid, causationid: causationid, traceparent: traceparent)
  }

  /// Which attribute a name is, by its bytes.
  private func attribute(_ name: Range<Int>) -> Envelope.CodingKeys? {
    func `is`(_ word: StaticString) -> Bool {
      guard word.utf8CodeUnitCount == name.count else { return false }
      for offset in 0..<name.count where word.utf8Start[offset] != bytes[name.lowerBound + offset] { return false }
      return true
    }
    switch name.count {
    case 2: return `is`("id") ? .id : nil
    case 3: return `is`("tlp") ? .tlp : nil
    case 4: return `is`("data") ? .data : `is`("type") ? .type : `is`("time") ? .time : nil
    case 6: return `is`("source") ? .source : nil
    case 7: return `is`("subject") ? .subject : nil
    case 8: return `is`("exercise") ? .exercise : nil
    case 10: return `is`("dataschema") ? .dataschema : nil
    case 11:
      return `is`("specversion")
        ? .specversion : `is`("causationid") ? .causationid : `is`("traceparent") ? .traceparent : nil
    case 13: return `is`("correlationid") ? .correlationid : nil
    case 15: return `is`("datacontenttype") ? .datacontenttype : nil
    default: return nil
    }
  }

  /// The next byte that is no white space, passed over.
  private mutating func next() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte > 0x20 { return byte }
    }
    return nil
  }

  /// The rest of a string whose quotation mark is behind; nil when it has an escape.
  private mutating func range() -> Range<Int>? {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return start..<position - 1 }
      if byte == UInt8(ascii: "\\") { return nil }
    }
    return nil
  }

  /// Reads a string into an attribute that hasn't been there yet.
  private mutating func text(_ attribute: inout String?) -> Bool {
    guard attribute == nil, next() == UInt8(ascii: "\""), let range = range() else { return false }
    attribute = String(validating: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    return attribute != nil
  }

  private mutating func boolean(_ attribute: inout Bool?) -> Bool {
    guard attribute == nil, let first = next() else { return false }
    let value = first == UInt8(ascii: "t")
    let rest: StaticString = value ? "rue" : "alse"
    guard value || first == UInt8(ascii: "f"), position + rest.utf8CodeUnitCount <= bytes.count else { return false }
    for offset in 0..<rest.utf8CodeUnitCount where bytes[position + offset] != rest.utf8Start[offset] { return false }
    position += rest.utf8CodeUnitCount
    attribute = value
    return true
  }

  /// Passes over any value: strings are looked into only for their end.
  private mutating func skipValue() -> Bool {
    var depth = 0
    while let byte = next() {
      switch byte {
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        guard depth >= 0 else { return false }
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { return false }
        continue
      default:
        while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
      }
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func skipString() -> Bool {
    while position < bytes.count {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  /// Part of a number or of a word.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x45: true
    default: false
    }
  }
}
