extension JSONWriter {
  /// A parsed value, written anew: the same value, its white space and its numbers' form lost.
  public mutating func value(_ value: JSONValue) {
    switch value.kind {
    case .object:
      object { writer in
        value.forEachMember { name, member in
          writer.name(dynamic: String(decoding: name, as: UTF8.self))
          writer.value(member)
        }
      }
    case .array:
      array { writer in value.forEachElement { writer.value($0) } }
    default:
      if let text = value.string {
        string(text)
      } else if let flag = value.bool {
        bool(flag)
      } else if let number = value.int64 {
        int(number)
      } else if let number = value.uint64 {
        int(number)
      } else if let number = value.double {
        double(number)
      } else {
        null()
      }
    }
  }
}
