internal import IJSON

extension Program {
  /// Finds the object rules whose own names all keep their `propertyNames`: a schema that names its members and says how
  /// names look would else check the same names in every instance.
  ///
  /// Only where names are judged alike everywhere, so not with a `$dynamicRef`. All of it may cost as much as one validation.
  func vouchForNames(_ limits: SchemaLimits) {
    guard !usesDynamicScope else { return }
    var limits = limits
    let parser = JSONParser()
    for place in objects.indices {
      let rule = objects[place]
      guard rule.memberNames != none, !rule.names.isEmpty else { continue }
      var keeps = true
      for slot in slots[Int(rule.names.start)...Int(rule.names.start + rule.names.mask)] where slot.value != none {
        keeps = keeps && limits.maxCost > 0 && self.keeps(rule.memberNames, slot, parser, &limits)
      }
      objects[place].namesAreVouched = keeps
    }
  }

  private func keeps(_ node: UInt32, _ slot: NameSlot, _ parser: JSONParser, _ limits: inout SchemaLimits) -> Bool {
    let name = names[Int(slot.start)..<Int(slot.start) + Int(slot.key.count)]
    guard let value = try? parser.parse(Self.text(name)) else { return false }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { marks in
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 1) { scope in
        var evaluator = Evaluator(self, value, limits: limits, steps: limits.maxCost, marks: marks, scope: scope)
        let isKept = evaluator.check(node, value.index + 1, MarkStack.nowhere)
        evaluator.marks.release()
        limits.maxCost = evaluator.stopped == nil ? evaluator.fuel : 0
        return isKept && evaluator.stopped == nil
      }
    }
  }

  /// The name as a JSON text: an array of one string.
  private static func text(_ name: some Collection<UInt8>) -> [UInt8] {
    var text = Array("[\"".utf8)
    for byte in name {
      if byte < 0x20 {
        let digits = Array("0123456789abcdef".utf8)
        text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      } else {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
        text.append(byte)
      }
    }
    return text + Array("\"]".utf8)
  }
}
