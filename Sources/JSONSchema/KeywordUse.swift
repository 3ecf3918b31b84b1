package import IJSON

/// The keywords of 2020-12 that a schema and its subschemas use, where a keyword may stand: a property named `type` is
/// none. References are not followed.
package func keywordsUsed(in schema: JSONValue) -> Set<String> {
  var found: Set<String> = []
  var waiting = [schema]
  while let value = waiting.popLast() {
    value.forEachMember { name, member in
      guard let keyword = Keyword.byName[String(decoding: name, as: UTF8.self)] else { return }
      found.insert(keyword.name)
      switch keyword.form {
      case .schema: waiting.append(member)
      case .schemaArray: member.forEachElement { waiting.append($0) }
      case .schemaMap, .patternMap: member.forEachMember { waiting.append($1) }
      default: break
      }
    }
  }
  return found
}
