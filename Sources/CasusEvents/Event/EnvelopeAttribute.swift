internal import Glibc
package import IJSON

/// The members of an event that Casus knows: CloudEvents' attributes, its own, and `data`. The one list of them.
package enum EnvelopeAttribute: String, CaseIterable, CodingKey {
  case specversion, id, source, type, time, subject, datacontenttype, dataschema, tlp, exercise, correlationid
  case causationid, traceparent, data

  /// Which one a member's name is, by its bytes; by length first, so that most names need one comparison at most.
  package init?(_ name: UnsafeBufferPointer<UInt8>) {
    guard let start = name.baseAddress else { return nil }
    @inline(__always)
    func `is`(_ word: StaticString) -> Bool { memcmp(start, word.utf8Start, name.count) == 0 }
    switch name.count {
    case 2 where `is`("id"): self = .id
    case 3 where `is`("tlp"): self = .tlp
    case 4 where `is`("data"): self = .data
    case 4 where `is`("type"): self = .type
    case 4 where `is`("time"): self = .time
    case 6 where `is`("source"): self = .source
    case 7 where `is`("subject"): self = .subject
    case 8 where `is`("exercise"): self = .exercise
    case 10 where `is`("dataschema"): self = .dataschema
    case 11 where `is`("specversion"): self = .specversion
    case 11 where `is`("causationid"): self = .causationid
    case 11 where `is`("traceparent"): self = .traceparent
    case 13 where `is`("correlationid"): self = .correlationid
    case 15 where `is`("datacontenttype"): self = .datacontenttype
    default: return nil
    }
  }

  /// Its place in ``EnvelopeMembers``.
  var place: Int {
    switch self {
    case .specversion: 0
    case .id: 1
    case .source: 2
    case .type: 3
    case .time: 4
    case .subject: 5
    case .datacontenttype: 6
    case .dataschema: 7
    case .tlp: 8
    case .exercise: 9
    case .correlationid: 10
    case .causationid: 11
    case .traceparent: 12
    case .data: 13
    }
  }
}

/// Where an event's attributes stand on its tape, found in one pass over its members. A plain value; nothing is copied.
package struct EnvelopeMembers {
  /// 0 for none: there the root stands.
  private var places = InlineArray<14, UInt32>(repeating: 0)
  /// A member is null: the attribute is not set.
  package private(set) var hasNulls = false

  package init(_ event: JSONValue) {
    for member in event.members {
      if member.value.isNull { hasNulls = true }
      guard let attribute = EnvelopeAttribute(member.name) else { continue }
      places[attribute.place] = UInt32(truncatingIfNeeded: member.value.index)
    }
  }

  /// The attribute's value in the event that this was made of; nil where there is none.
  package func value(_ attribute: EnvelopeAttribute, in event: JSONValue) -> JSONValue? {
    let place = places[attribute.place]
    return place == 0 ? nil : event.at(Int(place))
  }
}
