internal import IJSON

extension Registry {
  /// A schema that a reference leads to.
  struct Target {
    var document: SchemaDocument
    var value: JSONValue
    var resource: Int
    var pointer: JSONPointer
    /// Set when the reference names a dynamic anchor where it first leads.
    var dynamicAnchor: String?
  }

  /// Follows a `$ref` or `$dynamicRef` from a resource (Core, section 8.2.3). `fault` makes the error of one that leads
  /// to nothing.
  func resolve(
    _ text: String, from origin: Int, fault: (String) -> SchemaError
  ) throws(SchemaError) -> Target {
    let reference = URIReference(text)
    let isLocal =
      reference.scheme == nil && reference.authority == nil && reference.path.isEmpty && reference.query == nil
    var number = origin
    if !isLocal {
      let uri = URIReference.resolve(reference, against: resources[origin].base)
      guard let found = try resource(uri) else { throw fault("no schema with the URI \(uri) was given") }
      number = found
    }
    let resource = resources[number]
    let fragment = URIReference.percentDecoded(reference.fragment ?? "")
    if fragment.isEmpty {
      return Target(
        document: resource.document, value: resource.root, resource: number, pointer: rootPointer(resource))
    }
    if fragment.hasPrefix("/") {
      guard let target = follow(fragment, number) else { throw fault("\(text) leads to nothing") }
      return target
    }
    guard let index = resource.anchors[fragment], let location = resource.document.locations[index] else {
      throw fault("\(text) leads to no anchor")
    }
    return Target(
      document: resource.document, value: resource.root.at(index), resource: location.resource,
      pointer: location.pointer, dynamicAnchor: resource.dynamicAnchors[fragment] == index ? fragment : nil)
  }

  private func rootPointer(_ resource: SchemaResource) -> JSONPointer {
    resource.document.locations[resource.root.index]?.pointer ?? JSONPointer()
  }

  /// The schema at a JSON Pointer from a resource's root. It may stand where no known keyword holds a schema.
  private func follow(_ fragment: String, _ start: Int) -> Target? {
    let resource = resources[start]
    var target = Target(
      document: resource.document, value: resource.root, resource: start, pointer: rootPointer(resource))
    for token in fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let name = Self.unescaped(token), let next = Self.child(of: target.value, name) else { return nil }
      target.value = next
      target.pointer.append(name: name)
      if let location = resource.document.locations[next.index] { target.resource = location.resource }
    }
    return target
  }

  private static func child(of value: JSONValue, _ token: String) -> JSONValue? {
    guard value.kind == .array else { return value[Array(token.utf8)] }
    guard let index = Int(token), String(index) == token, index >= 0 else { return nil }
    for (position, element) in value.elements.enumerated() where position == index { return element }
    return nil
  }

  /// RFC 6901: `~1` is a slash, `~0` a tilde; nil when a tilde stands for neither.
  private static func unescaped(_ token: Substring) -> String? {
    var result = ""
    var scalars = token.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "~" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      switch scalars.next() {
      case "0": result += "~"
      case "1": result += "/"
      default: return nil
      }
    }
    return result
  }
}
