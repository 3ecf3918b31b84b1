internal import CasusNames
internal import SystemFiles
internal import YAML

/// A YAML file whose values are read with their place, so that what is wrong is said with file, line and column.
struct YAMLFile {
  let path: String
  let root: YAMLValue

  init(_ path: String) throws(ServerError) {
    self.path = path
    let data: [UInt8]
    do throws(SystemError) { data = try Files.read(path) } catch { throw ServerError(.noInput, error.description) }
    let node: YAMLNode?
    do {
      node = try YAMLNode.parse(data)
    } catch {
      throw ServerError(.configuration, error.description(in: path))
    }
    guard let node else { throw ServerError(.configuration, "\(path): is empty") }
    root = YAMLValue(node: node, path: path)
  }
}

/// One value of a YAML file.
struct YAMLValue {
  let node: YAMLNode
  let path: String

  func wrong(_ message: String) -> ServerError {
    ServerError(.configuration, "\(path):\(node.place): \(message)")
  }

  /// A mapping's members; a key that is none of `keys` is refused.
  func members(_ keys: [String]) throws(ServerError) -> [String: YAMLValue] {
    guard let mapping = node.mapping else {
      throw wrong("a mapping of \(keys.joined(separator: ", ")) is expected")
    }
    var members: [String: YAMLValue] = [:]
    for member in mapping {
      guard keys.contains(member.name) else {
        throw YAMLValue(node: member.key, path: path)
          .wrong("there is no setting '\(member.name)'; known are \(keys.joined(separator: ", "))")
      }
      members[member.name] = YAMLValue(node: member.value, path: path)
    }
    return members
  }

  func elements() throws(ServerError) -> [YAMLValue] {
    guard let sequence = node.sequence else { throw wrong("a list is expected") }
    return sequence.map { YAMLValue(node: $0, path: path) }
  }

  func string() throws(ServerError) -> String {
    guard let text = node.string else { throw wrong("a text is expected") }
    return text
  }

  func integer(in range: ClosedRange<Int>) throws(ServerError) -> Int {
    guard let number = Int(try string()), range.contains(number) else {
      throw wrong("an integer from \(range.lowerBound) to \(range.upperBound) is expected")
    }
    return number
  }

  func flag() throws(ServerError) -> Bool {
    switch try string() {
    case "true": return true
    case "false": return false
    default: throw wrong("true or false is expected")
    }
  }
}
