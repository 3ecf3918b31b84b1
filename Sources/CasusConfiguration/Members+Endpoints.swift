public import YAML
internal import ZeroMQ

extension Members {
  /// Where a broker is to listen. None, and two of which the second would find the first's place taken, are faults.
  public func endpoints(_ name: String) -> [(text: String, node: YAMLNode)] {
    let items = items(name)
    if isEmptyList(name) { report(name, "\(name) names no endpoint") }
    let endpoints = items.map { try? Endpoint($0.text, for: .bind) }
    for (index, item) in items.enumerated() {
      guard let endpoint = endpoints[index],
        let other = endpoints[..<index].firstIndex(where: { $0?.overlaps(endpoint) ?? false })
      else { continue }
      reader.report(
        item.node, "\(item.text) is taken already by \(items[other].text), at line \(items[other].node.place.line)")
    }
    return items
  }
}
