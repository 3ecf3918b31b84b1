package import IJSON

/// The members of an event that Casus knows: CloudEvents' attributes, its own, and `data`. The one list of them.
package enum EnvelopeAttribute: String, CaseIterable, CodingKey {
  case specversion, id, source, type, time, subject, datacontenttype, dataschema, tlp, exercise, correlationid
  case causationid, traceparent, data

  /// Which one a member's name is, by its bytes; by length first, so that most names need one comparison at most.
  package init?(_ name: UnsafeBufferPointer<UInt8>) {
    switch name.count {
    case 2 where name.isText("id"): self = .id
    case 3 where name.isText("tlp"): self = .tlp
    case 4 where name.isText("data"): self = .data
    case 4 where name.isText("type"): self = .type
    case 4 where name.isText("time"): self = .time
    case 6 where name.isText("source"): self = .source
    case 7 where name.isText("subject"): self = .subject
    case 8 where name.isText("exercise"): self = .exercise
    case 10 where name.isText("dataschema"): self = .dataschema
    case 11 where name.isText("specversion"): self = .specversion
    case 11 where name.isText("causationid"): self = .causationid
    case 11 where name.isText("traceparent"): self = .traceparent
    case 13 where name.isText("correlationid"): self = .correlationid
    case 15 where name.isText("datacontenttype"): self = .datacontenttype
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
