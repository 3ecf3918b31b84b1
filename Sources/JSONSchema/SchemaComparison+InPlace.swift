internal import IJSON

extension SchemaComparison {
  /// Elements by their place: what `prefixItems` doesn't name, `items` does.
  mutating func compareElements(_ pair: Pair) {
    let old = pair.old.keyword("prefixItems").map { Array($0.elements) } ?? []
    let new = pair.new.keyword("prefixItems").map { Array($0.elements) } ?? []
    func side(_ side: Side, _ prefix: [JSONValue], _ index: Int) -> Side {
      index < prefix.count
        ? side.child(prefix[index], ["prefixItems", String(index)]) : side.child(side.keyword("items"), ["items"])
    }
    for index in 0..<max(old.count, new.count) {
      enqueue(Pair(old: side(pair.old, old, index), new: side(pair.new, new, index), effect: pair.effect))
    }
    compareChild(pair, "items")
    compareChild(pair, "unevaluatedItems")
    switch (pair.old.keyword("contains"), pair.new.keyword("contains")) {
    case (nil, nil): break
    case (nil, _?): note(pair, "contains", "an element of a kind must be there now", narrows: true)
    case (_?, nil): note(pair, "contains", "an element of a kind need not be there any more", widens: true)
    case (_?, _?):
      // With an upper bound, more that counts may be too much.
      let isBounded = pair.old.keyword("maxContains") != nil || pair.new.keyword("maxContains") != nil
      compareChild(pair, "contains", isBounded ? .unknown : .same)
    }
  }

  mutating func compareInPlace(_ pair: Pair) {
    compareList(
      pair, "allOf", .same, added: (narrows: true, widens: false), gone: (narrows: false, widens: true))
    compareList(
      pair, "anyOf", .same, added: (narrows: false, widens: true), gone: (narrows: true, widens: false))
    compareList(
      pair, "oneOf", .unknown, added: (narrows: true, widens: true), gone: (narrows: true, widens: true))
    switch (pair.old.keyword("not"), pair.new.keyword("not")) {
    case (nil, nil): break
    case (nil, _?): note(pair, "not", "something is excluded now", narrows: true)
    case (_?, nil): note(pair, "not", "something is not excluded any more", widens: true)
    case (_?, _?): compareChild(pair, "not", .inverted)
    }
    let hasOld = pair.old.keyword("if") != nil
    let hasNew = pair.new.keyword("if") != nil
    if hasOld != hasNew {
      note(pair, "if", hasNew ? "there is a condition now" : "the condition is gone", narrows: hasNew, widens: hasOld)
    } else if hasNew {
      compareChild(pair, "if", .unknown)
      compareChild(pair, "then")
      compareChild(pair, "else")
    }
  }

  private typealias Outcome = (narrows: Bool, widens: Bool)

  /// Lists of schemas by their places; a list that is absent on one side is a change of its own.
  private mutating func compareList(
    _ pair: Pair, _ keyword: StaticString, _ effect: Effect, added: Outcome, gone: Outcome
  ) {
    let oldList = pair.old.keyword(keyword)
    let newList = pair.new.keyword(keyword)
    let old = oldList.map { Array($0.elements) } ?? []
    let new = newList.map { Array($0.elements) } ?? []
    for index in 0..<min(old.count, new.count) {
      let path = [keyword.description, String(index)]
      enqueue(
        Pair(
          old: pair.old.child(old[index], path), new: pair.new.child(new[index], path),
          effect: pair.effect.then(effect)))
    }
    if oldList == nil, newList != nil {
      note(pair, keyword.description, "there is \(keyword) now", narrows: true)
    } else if oldList != nil, newList == nil {
      note(pair, keyword.description, "\(keyword) is gone", widens: true)
    } else if old.count != new.count {
      let outcome = new.count > old.count ? added : gone
      note(
        pair, keyword.description, "\(keyword) went from \(old.count) to \(new.count) schemas",
        narrows: outcome.narrows, widens: outcome.widens)
    }
  }
}
