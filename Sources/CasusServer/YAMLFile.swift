internal import CasusEvents
internal import FoundationEssentials
internal import Yams

#if canImport(Glibc)
  internal import Glibc
#endif

/// A YAML file whose values are read with their place, so that what is wrong is said with file, line and column.
struct YAMLFile {
  let path: String
  let root: YAMLValue

  init(_ path: String) throws(ServerError) {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ServerError(.fileMissing, "\(path): \(String(cString: strerror(errno)))")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw ServerError(.configuration, "\(path): is not UTF-8 text")
    }
    guard !YAMLAliases.areTooMany(in: text) else {
      throw ServerError(
        .configuration, "\(path): has more than \(YAMLAliases.most) aliases (*name); write the values out")
    }
    do {
      guard let node = try Yams.compose(yaml: text) else { throw ServerError(.configuration, "\(path): is empty") }
      root = YAMLValue(node: node, path: path)
    } catch let error as ServerError {
      throw error
    } catch let error as YamlError {
      throw ServerError(.configuration, "\(path): \(Self.oneLine("\(error)"))")
    } catch {
      throw ServerError(.configuration, "\(path): \(error)")
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).prefix(1).joined()
  }
}

/// One value of a YAML file.
struct YAMLValue {
  let node: Node
  let path: String

  func wrong(_ message: String) -> ServerError {
    let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
    return ServerError(.configuration, "\(path)\(place): \(message)")
  }

  /// A mapping's members; a key that is none of `keys` is refused.
  func members(_ keys: [String]) throws(ServerError) -> [String: YAMLValue] {
    guard case .mapping(let mapping) = node else {
      throw wrong("a mapping of \(keys.joined(separator: ", ")) is expected")
    }
    var members: [String: YAMLValue] = [:]
    for (key, value) in mapping {
      let name = key.string ?? ""
      guard keys.contains(name) else {
        throw YAMLValue(node: key, path: path)
          .wrong("there is no setting '\(name)'; known are \(keys.joined(separator: ", "))")
      }
      members[name] = YAMLValue(node: value, path: path)
    }
    return members
  }

  func elements() throws(ServerError) -> [YAMLValue] {
    guard case .sequence(let sequence) = node else { throw wrong("a list is expected") }
    return sequence.map { YAMLValue(node: $0, path: path) }
  }

  func string() throws(ServerError) -> String {
    guard case .scalar(let scalar) = node else { throw wrong("a text is expected") }
    return scalar.string
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
