extension JSONValue {
  /// Where the value stands in its document, as a JSON Pointer. Linear in what stands before it.
  public var pointer: String { JSONPointer(steps).text }

  /// The members and elements on the way from the document's root.
  var steps: [any CodingKey] {
    var steps: [TapeKey] = []
    var place = at(1)
    while place.index < index {
      var next: JSONValue?
      if place.kind == .object {
        for member in place.members where member.value.holds(index) {
          steps.append(TapeKey(stringValue: String(decoding: member.name, as: UTF8.self)))
          next = member.value
          break
        }
      } else {
        for (number, element) in place.elements.enumerated() where element.holds(index) {
          steps.append(TapeKey(intValue: number))
          next = element
          break
        }
      }
      guard let next else { break }
      place = next
    }
    return steps
  }

  private func holds(_ index: Int) -> Bool { self.index <= index && index < Tape.next(tape, self.index) }
}

/// A member's name or an element's number on the way to a value.
struct TapeKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = "\(intValue)"
    self.intValue = intValue
  }
}
