internal import IJSON

extension SchemaComparison {
  private func names(_ value: JSONValue?) -> [[UInt8]] {
    value?.elements.compactMap { $0.utf8.map { Array($0) } } ?? []
  }

  private func members(_ value: JSONValue?) -> [JSONValue.Member] {
    value.map { Array($0.members) } ?? []
  }

  private func text(_ name: [UInt8]) -> String {
    name.withUnsafeBufferPointer { FailureReport.quoted($0) }
  }

  mutating func compareRequired(_ pair: Pair) {
    let old = names(pair.old.keyword("required"))
    let new = names(pair.new.keyword("required"))
    for name in new where !old.contains(name) {
      note(pair, "required", "the member \(text(name)) became required", narrows: true)
    }
    for name in old where !new.contains(name) {
      note(pair, "required", "the member \(text(name)) is not required any more", widens: true)
    }
    compareDependentRequired(pair)
  }

  private mutating func compareDependentRequired(_ pair: Pair) {
    let old = pair.old.keyword("dependentRequired")
    let new = pair.new.keyword("dependentRequired")
    func compare(_ from: JSONValue?, _ to: JSONValue?, _ message: (String, String) -> String, narrows: Bool) {
      for member in members(from) {
        let others = names(to?.member(member.name))
        for name in names(member.value) where !others.contains(name) {
          note(
            pair, "dependentRequired", message(text(name), text(Array(member.name))), narrows: narrows,
            widens: !narrows)
        }
      }
    }
    compare(new, old, { "the member \($0) became required beside \($1)" }, narrows: true)
    compare(old, new, { "the member \($0) is not required beside \($1) any more" }, narrows: false)
  }

  // MARK: Members

  /// What applies to a member that `properties` doesn't name: the first pattern that matches it, or the rest.
  private func other(_ side: Side, _ name: [UInt8]) throws(SchemaError) -> Side {
    if let patterns = side.keyword("patternProperties") {
      for member in patterns.members {
        let text = String(decoding: member.name, as: UTF8.self)
        var work = 0
        // It compiled before.
        guard let pattern = try? Pattern(text, maxMemory: side.registry.limits.maxPatternBytes, work: &work) else {
          continue
        }
        defer { pattern.destroy() }
        if name.withUnsafeBufferPointer({ pattern.matches($0) }) {
          return side.child(member.value, ["patternProperties", text])
        }
      }
    }
    return additional(side)
  }

  private func additional(_ side: Side) -> Side {
    side.child(side.keyword("additionalProperties"), ["additionalProperties"])
  }

  mutating func compareMembers(_ pair: Pair) throws(SchemaError) {
    let old = pair.old.keyword("properties")
    let new = pair.new.keyword("properties")
    for member in members(new) {
      let name = Array(member.name)
      let newSide = pair.new.child(member.value, ["properties", String(decoding: name, as: UTF8.self)])
      if let known = old?.member(member.name) {
        let oldSide = pair.old.child(known, ["properties", String(decoding: name, as: UTF8.self)])
        enqueue(Pair(old: oldSide, new: newSide, effect: pair.effect))
      } else {
        let oldSide = try other(pair.old, name)
        note(pair, "properties", "the member \(text(name)) is new")
        if !oldSide.isFalse { enqueue(Pair(old: oldSide, new: newSide, effect: pair.effect)) }
      }
    }
    for member in members(old) where new?.member(member.name) == nil {
      let name = Array(member.name)
      let newSide = try other(pair.new, name)
      note(pair, "properties", "the member \(text(name)) is gone", narrows: newSide.isFalse)
      if !newSide.isFalse {
        let oldSide = pair.old.child(member.value, ["properties", String(decoding: name, as: UTF8.self)])
        enqueue(Pair(old: oldSide, new: newSide, effect: pair.effect))
      }
    }
    comparePatterns(pair)
    let closed = additional(pair.old)
    enqueue(Pair(old: closed, new: additional(pair.new), effect: pair.effect, isOpening: closed.isFalse))
    compareChild(pair, "propertyNames")
    compareMap(pair, "dependentSchemas")
    let unevaluated = pair.old.child(pair.old.keyword("unevaluatedProperties"), ["unevaluatedProperties"])
    enqueue(
      Pair(
        old: unevaluated,
        new: pair.new.child(pair.new.keyword("unevaluatedProperties"), ["unevaluatedProperties"]), effect: pair.effect,
        isOpening: unevaluated.isFalse))
  }

  private mutating func comparePatterns(_ pair: Pair) {
    let old = pair.old.keyword("patternProperties")
    let new = pair.new.keyword("patternProperties")
    for member in members(new) {
      let text = String(decoding: member.name, as: UTF8.self)
      let known = old?.member(member.name)
      let oldSide =
        known.map { pair.old.child($0, ["patternProperties", text]) } ?? additional(pair.old)
      enqueue(
        Pair(
          old: oldSide, new: pair.new.child(member.value, ["patternProperties", text]), effect: pair.effect,
          isOpening: known == nil && oldSide.isFalse))
    }
    for member in members(old) where new?.member(member.name) == nil {
      let text = String(decoding: member.name, as: UTF8.self)
      enqueue(
        Pair(
          old: pair.old.child(member.value, ["patternProperties", text]), new: additional(pair.new),
          effect: pair.effect))
    }
  }

  private mutating func compareMap(_ pair: Pair, _ keyword: StaticString) {
    let old = pair.old.keyword(keyword)
    let new = pair.new.keyword(keyword)
    for member in members(new) {
      let path = [keyword.description, String(decoding: member.name, as: UTF8.self)]
      enqueue(
        Pair(
          old: pair.old.child(old?.member(member.name), path), new: pair.new.child(member.value, path),
          effect: pair.effect))
    }
    for member in members(old) where new?.member(member.name) == nil {
      let path = [keyword.description, String(decoding: member.name, as: UTF8.self)]
      enqueue(Pair(old: pair.old.child(member.value, path), new: pair.new.child(nil, path), effect: pair.effect))
    }
  }

  mutating func compareChild(_ pair: Pair, _ keyword: StaticString, _ effect: Effect = .same) {
    enqueue(
      Pair(
        old: pair.old.child(pair.old.keyword(keyword), [keyword.description]),
        new: pair.new.child(pair.new.keyword(keyword), [keyword.description]), effect: pair.effect.then(effect)))
  }
}
