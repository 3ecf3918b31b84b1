/// A value as it is encoded: members come in any order and are written in one. All nodes are in one array, all texts in
/// another. Not thread-safe.
final class EncodedTree {
  private enum Kind {
    case nothing, scalar, array, object
  }

  private struct Node {
    var kind = Kind.nothing
    var parent: Int
    /// A member's name, as it is.
    var name = 0..<0
    /// A scalar, as JSON.
    var text = 0..<0
    var count = 0
    var first = 0
    var last = 0
    /// The next one of the same parent; 0 for none.
    var next = 0
  }

  private var nodes: [Node] = [Node(parent: 0)]
  private var texts: [UInt8] = []

  init() {
    nodes.reserveCapacity(64)
    texts.reserveCapacity(1024)
  }

  func beObject(_ node: Int) { nodes[node].kind = .object }
  func beArray(_ node: Int) { nodes[node].kind = .array }
  func count(_ node: Int) -> Int { nodes[node].count }

  func member(_ name: String, of parent: Int) -> Int {
    let start = texts.count
    texts.append(contentsOf: name.utf8)
    return add(parent, start..<texts.count)
  }

  func element(of parent: Int) -> Int { add(parent, 0..<0) }

  private func add(_ parent: Int, _ name: Range<Int>) -> Int {
    let node = nodes.count
    nodes.append(Node(parent: parent, name: name))
    if nodes[parent].count == 0 { nodes[parent].first = node } else { nodes[nodes[parent].last].next = node }
    nodes[parent].last = node
    nodes[parent].count += 1
    return node
  }

  func scalar(_ node: Int, _ write: (inout [UInt8]) -> Void) {
    let start = texts.count
    write(&texts)
    nodes[node].kind = .scalar
    nodes[node].text = start..<texts.count
  }

  /// The way from the root to a node.
  func path(_ node: Int) -> [any CodingKey] {
    var path: [TapeKey] = []
    var node = node
    while node > 0 {
      let parent = nodes[node].parent
      if nodes[parent].kind == .object {
        path.append(TapeKey(stringValue: String(decoding: texts[nodes[node].name], as: UTF8.self)))
      } else {
        var place = 0
        var brother = nodes[parent].first
        while brother != node, brother != 0 {
          place += 1
          brother = nodes[brother].next
        }
        path.append(TapeKey(intValue: place))
      }
      node = parent
    }
    return path.reversed()
  }

  // MARK: Writing

  func write(into bytes: inout [UInt8]) {
    var order: [Int] = []
    texts.withUnsafeBufferPointer { texts in write(0, texts, &order, &bytes) }
  }

  /// - Parameter order: scratch memory; as long at the end as at the beginning.
  private func write(
    _ node: Int, _ texts: UnsafeBufferPointer<UInt8>, _ order: inout [Int], _ bytes: inout [UInt8]
  ) {
    switch nodes[node].kind {
    case .scalar: bytes.append(contentsOf: texts[nodes[node].text])
    case .array:
      bytes.append(UInt8(ascii: "["))
      var element = nodes[node].first
      while element != 0 {
        if element != nodes[node].first { bytes.append(UInt8(ascii: ",")) }
        write(element, texts, &order, &bytes)
        element = nodes[element].next
      }
      bytes.append(UInt8(ascii: "]"))
    case .object, .nothing: writeObject(node, texts, &order, &bytes)
    }
  }

  private func writeObject(
    _ node: Int, _ texts: UnsafeBufferPointer<UInt8>, _ order: inout [Int], _ bytes: inout [UInt8]
  ) {
    let start = order.count
    var member = nodes[node].first
    while member != 0 {
      order.append(member)
      member = nodes[member].next
    }
    order[start...].sort { compare($0, $1, texts) }
    bytes.append(UInt8(ascii: "{"))
    var isFirst = true
    for place in start..<order.count {
      let member = order[place]
      // A member that is written twice: the last one counts.
      if place + 1 < order.count, isSame(member, order[place + 1], texts) { continue }
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      bytes.appendQuoted(UnsafeBufferPointer(rebasing: texts[nodes[member].name]))
      bytes.append(UInt8(ascii: ":"))
      write(member, texts, &order, &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    order.removeSubrange(start...)
  }

  private func compare(_ a: Int, _ b: Int, _ texts: UnsafeBufferPointer<UInt8>) -> Bool {
    let first = nodes[a].name
    let second = nodes[b].name
    for place in 0..<min(first.count, second.count) {
      let x = texts[first.lowerBound + place]
      let y = texts[second.lowerBound + place]
      if x != y { return x < y }
    }
    return first.count == second.count ? a < b : first.count < second.count
  }

  private func isSame(_ a: Int, _ b: Int, _ texts: UnsafeBufferPointer<UInt8>) -> Bool {
    texts[nodes[a].name].elementsEqual(texts[nodes[b].name])
  }
}
