internal import IJSON

extension SchemaComparison {
  /// The values that `enum` and `const` leave; nil when neither stands there.
  private func values(_ side: Side) -> [JSONValue]? {
    let constant = side.keyword("const")
    let listed = side.keyword("enum")
    guard let listed else { return constant.map { [$0] } }
    guard let constant else { return Array(listed.elements) }
    return listed.elements.filter { isSame($0, constant) }
  }

  private func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    var fuel = Int.max
    return sameValue(a.tape, a.strings, a.index, b.tape, b.strings, b.index, fuel: &fuel)
  }

  /// The values that have no equal among the others. Through a hash, keyed per process, so that no two long lists are
  /// chosen to be compared each with each.
  private func missing(_ values: [JSONValue], in others: [JSONValue]) -> [JSONValue] {
    var known: [Int: [JSONValue]] = [:]
    for other in others { known[Self.hash(other), default: []].append(other) }
    return values.filter { value in
      !(known[Self.hash(value)] ?? []).contains { isSame($0, value) }
    }
  }

  /// Equal values have equal hashes, whatever their members' order and their numbers' form.
  private static func hash(_ value: JSONValue) -> Int {
    var hasher = Hasher()
    switch value.kind {
    case .object:
      var sum = 0
      value.forEachMember { name, member in
        var pair = Hasher()
        pair.combine(bytes: UnsafeRawBufferPointer(name))
        pair.combine(hash(member))
        sum &+= pair.finalize()
      }
      hasher.combine(sum)
    case .array: value.forEachElement { hasher.combine(hash($0)) }
    default:
      if let number = value.double {
        hasher.combine(number)
      } else if let text = value.utf8 {
        hasher.combine(bytes: UnsafeRawBufferPointer(text))
      } else {
        hasher.combine(value.bool)
      }
    }
    return hasher.finalize()
  }

  /// The types that `type` allows, as far as `enum` and `const` leave any of them.
  private func types(_ side: Side) -> JSONType {
    var types = JSONType.any
    if let value = side.keyword("type") {
      let names = value.kind == .array ? value.elements.compactMap(\.string) : [value.string].compactMap { $0 }
      types = JSONType.names.filter { names.contains($0.name) }.reduce(into: []) { $0.formUnion($1.type) }
    }
    guard let values = values(side) else { return types }
    var present: JSONType = []
    for value in values {
      present.formUnion(value.int64 != nil || value.uint64 != nil ? .integer : JSONType.of(Tape.kind(value.word)))
    }
    return types.intersection(present)
  }

  mutating func compareTypes(_ pair: Pair) {
    let old = types(pair.old)
    let new = types(pair.new)
    if old.rawValue == new.rawValue { return }
    // Where values are listed on both sides their own comparison says it better.
    if values(pair.old) != nil, values(pair.new) != nil { return }
    func text(_ types: JSONType) -> String { types.rawValue == JSONType.any.rawValue ? "anything" : types.text }
    note(
      pair, "type", "the type went from \(text(old)) to \(text(new))", narrows: !old.isSubset(of: new),
      widens: !new.isSubset(of: old))
  }

  mutating func compareValues(_ pair: Pair) {
    let keyword = pair.new.keyword("const") != nil || pair.old.keyword("const") != nil ? "const" : "enum"
    switch (values(pair.old), values(pair.new)) {
    case (nil, nil): break
    case (nil, let new?): note(pair, keyword, "only \(shown(new)) is allowed now", narrows: true)
    case (let old?, nil): note(pair, keyword, "more than \(shown(old)) is allowed now", widens: true)
    case (let old?, let new?):
      let gone = missing(old, in: new)
      let added = missing(new, in: old)
      if !gone.isEmpty { note(pair, keyword, "\(shown(gone)) is not allowed any more", narrows: true) }
      if !added.isEmpty { note(pair, keyword, "\(shown(added)) is allowed now", widens: true) }
    }
  }

  private func shown(_ values: [JSONValue]) -> String {
    let texts = values.prefix(8).map { FailureReport.shown(($0.tape, $0.strings, $0.index)) }
    return texts.joined(separator: ", ") + (values.count > 8 ? " and \(values.count - 8) more" : "")
  }

  // MARK: Bounds

  private struct Bound {
    var number: JSONNumber
    var isExclusive: Bool

    var text: String { (isExclusive ? "beyond " : "") + FailureReport.text(number) }
  }

  private func number(_ value: JSONValue?) -> JSONNumber? {
    value.map { JSONNumber(kind: Tape.kind($0.word), bits: $0.tape[$0.index + 1]) }
  }

  /// The tighter of an inclusive and an exclusive bound; `sign` is 1 for lower bounds and -1 for upper ones.
  private func bound(_ side: Side, _ inclusive: StaticString, _ exclusive: StaticString, sign: Int) -> Bound? {
    let open = number(side.keyword(exclusive)).map { Bound(number: $0, isExclusive: true) }
    let closed = number(side.keyword(inclusive)).map { Bound(number: $0, isExclusive: false) }
    guard let open, let closed else { return open ?? closed }
    return closed.number.compared(to: open.number) * sign > 0 ? closed : open
  }

  /// Above zero when `new` is tighter than `old`.
  private func tightening(_ old: Bound?, _ new: Bound?, sign: Int) -> Int {
    guard let old, let new else { return (new == nil ? 0 : 1) - (old == nil ? 0 : 1) }
    let order = new.number.compared(to: old.number) * sign
    return order != 0 ? order : (new.isExclusive ? 1 : 0) - (old.isExclusive ? 1 : 0)
  }

  mutating func compareBounds(_ pair: Pair) {
    let ranges: [(StaticString, StaticString, Int)] = [
      ("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1),
    ]
    for (inclusive, exclusive, sign) in ranges {
      let old = bound(pair.old, inclusive, exclusive, sign: sign)
      let new = bound(pair.new, inclusive, exclusive, sign: sign)
      let keyword = (new ?? old)?.isExclusive == true ? exclusive : inclusive
      noteBound(pair, keyword, old?.text, new?.text, tightening(old, new, sign: sign))
    }
    let counts: [(StaticString, Int)] = [
      ("minLength", 1), ("minItems", 1), ("minProperties", 1), ("maxLength", -1), ("maxItems", -1),
      ("maxProperties", -1),
    ]
    for (keyword, sign) in counts { compareCount(pair, keyword, sign: sign) }
    if pair.old.keyword("contains") != nil, pair.new.keyword("contains") != nil {
      compareCount(pair, "minContains", sign: 1, unless: 1)
      compareCount(pair, "maxContains", sign: -1)
    }
    compareMultiples(pair)
    let old = pair.old.keyword("uniqueItems")?.bool == true
    let new = pair.new.keyword("uniqueItems")?.bool == true
    if old != new {
      note(
        pair, "uniqueItems", new ? "elements must differ now" : "elements may be equal now", narrows: new, widens: old)
    }
  }

  /// A least count of zero says nothing; `unless` is what counts when the keyword is absent.
  private mutating func compareCount(_ pair: Pair, _ keyword: StaticString, sign: Int, unless: UInt64? = nil) {
    func bound(_ side: Side) -> Bound? {
      let number = number(side.keyword(keyword)) ?? unless.map { JSONNumber(kind: Tape.int64, bits: $0) }
      guard let number, sign < 0 || !number.isZero else { return nil }
      return Bound(number: number, isExclusive: false)
    }
    let old = bound(pair.old)
    let new = bound(pair.new)
    noteBound(pair, keyword, old?.text, new?.text, tightening(old, new, sign: sign))
  }

  private mutating func noteBound(
    _ pair: Pair, _ keyword: StaticString, _ old: String?, _ new: String?, _ tightening: Int
  ) {
    if tightening == 0 { return }
    note(
      pair, keyword.description, "\(keyword) went from \(old ?? "none") to \(new ?? "none")", narrows: tightening > 0,
      widens: tightening < 0)
  }

  private mutating func compareMultiples(_ pair: Pair) {
    let old = number(pair.old.keyword("multipleOf"))
    let new = number(pair.new.keyword("multipleOf"))
    let isFiner = old.flatMap { old in new.map { old.isMultiple(of: $0) } } ?? (new == nil)
    let isCoarser = new.flatMap { new in old.map { new.isMultiple(of: $0) } } ?? (old == nil)
    if isFiner, isCoarser { return }
    note(
      pair, "multipleOf",
      "multipleOf went from \(old.map(FailureReport.text) ?? "none") to \(new.map(FailureReport.text) ?? "none")",
      narrows: !isFiner, widens: !isCoarser)
  }

  mutating func compareTexts(_ pair: Pair) {
    for keyword in ["pattern", "format"] as [StaticString] {
      let old = pair.old.keyword(keyword)?.string
      let new = pair.new.keyword(keyword)?.string
      if old.map({ Array($0.utf8) }) == new.map({ Array($0.utf8) }) { continue }
      note(
        pair, keyword.description, "\(keyword) went from \(old ?? "none") to \(new ?? "none")", narrows: new != nil,
        widens: old != nil)
    }
  }
}
