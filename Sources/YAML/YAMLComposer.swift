/// Makes the tree of a text's one document from its events.
struct YAMLComposer: ~Copyable {
  /// A value with what an alias to it costs.
  private struct Composed {
    var node: YAMLNode
    /// Lists and mappings within each other: 0 for a scalar.
    var height = 0
    /// As ``YAMLLimits/maxAliased`` counts.
    var weight: Int
  }

  private let limits: YAMLLimits
  private var events: YAMLEvents
  private var anchors: [String: Composed] = [:]
  private var aliases = 0
  private var aliased = 0
  /// Keys that stand more than once; the value of the first is taken.
  private(set) var duplicates: [YAMLError] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: YAMLLimits) throws(YAMLError) {
    self.limits = limits
    events = try YAMLEvents(bytes)
  }

  /// The document's value; nil when there is nothing but comments.
  mutating func document() throws(YAMLError) -> YAMLNode? {
    _ = try events.next()
    guard case .documentStart = try events.next().kind else { return nil }
    let root = try value(events.next(), depth: 0).node
    _ = try events.next()
    let next = try events.next()
    guard case .streamEnd = next.kind else {
      throw YAMLError(.documents, at: next.place, "another document begins here; put it into a file of its own")
    }
    return root
  }

  /// - Parameter depth: how many lists and mappings it stands in.
  private mutating func value(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Composed {
    let composed: Composed
    let name: String?
    switch event.kind {
    case .alias(let name): return try alias(name, event.place, depth)
    case .scalar(let scalar, let anchor, let tag):
      composed = Composed(
        node: YAMLNode(.scalar(scalar), tag: tag, at: event.place), weight: 1 + scalar.text.utf8.count)
      name = anchor
    case .sequenceStart(let anchor, let tag):
      try check(depth + 1, event.place)
      composed = try sequence(event.place, tag, depth + 1)
      name = anchor
    case .mappingStart(let anchor, let tag):
      try check(depth + 1, event.place)
      composed = try mapping(event.place, tag, depth + 1)
      name = anchor
    default:
      // libyaml's events are balanced: a value begins wherever one is asked for.
      throw YAMLError(.syntax, at: event.place, "a value is expected")
    }
    if let name { anchors[name] = composed }
    return composed
  }

  private mutating func sequence(_ place: YAMLPlace, _ tag: String?, _ depth: Int) throws(YAMLError) -> Composed {
    var elements: [YAMLNode] = []
    var (height, weight) = (0, 1)
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { break }
      let element = try value(event, depth: depth)
      height = max(height, element.height)
      weight += element.weight
      elements.append(element.node)
    }
    return Composed(node: YAMLNode(.sequence(elements), tag: tag, at: place), height: height + 1, weight: weight)
  }

  private mutating func mapping(_ place: YAMLPlace, _ tag: String?, _ depth: Int) throws(YAMLError) -> Composed {
    var members: [YAMLMember] = []
    var lines: [String: Int] = [:]
    var (height, weight) = (0, 1)
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { break }
      let key = try value(event, depth: depth)
      guard let name = key.node.string else {
        throw YAMLError(
          .keyKind, at: event.place, "a list or a mapping cannot be a key; a text that begins with [ or { needs quotes")
      }
      let member = try value(events.next(), depth: depth)
      height = max(height, member.height)
      weight += key.weight + member.weight
      if let line = lines[name] {
        // An alias's value has the place of what it stands for.
        duplicates.append(
          YAMLError(
            .duplicateKey, at: event.place, "\"\(name)\" stands more than once in its mapping, first at line \(line)"))
      } else {
        lines[name] = event.place.line
        members.append(YAMLMember(name: name, key: key.node, value: member.node))
      }
    }
    return Composed(node: YAMLNode(.mapping(members), tag: tag, at: place), height: height + 1, weight: weight)
  }

  private mutating func alias(_ name: String, _ place: YAMLPlace, _ depth: Int) throws(YAMLError) -> Composed {
    guard let composed = anchors[name] else {
      throw YAMLError(
        .unknownAlias, at: place, "there is no &\(name) before this *\(name); a text that begins with * needs quotes")
    }
    aliases += 1
    guard aliases <= limits.maxAliases else {
      throw YAMLError(.aliases, "has more than \(limits.maxAliases) aliases (*name); write the values out")
    }
    aliased += composed.weight
    guard aliased <= limits.maxAliased else {
      throw YAMLError(
        .aliases, at: place,
        "the aliases (*name) up to here stand for more than \(limits.maxAliased) bytes of values; "
          + "write the values out")
    }
    try check(depth + composed.height, place)
    return composed
  }

  private func check(_ depth: Int, _ place: YAMLPlace) throws(YAMLError) {
    guard depth <= limits.maxDepth else {
      throw YAMLError(.depth, at: place, "lists and mappings stand more than \(limits.maxDepth) deep; flatten them")
    }
  }
}
