internal import CasusEvents
internal import IJSON

/// Numbers that an agency chooses and answers for. All have defaults; a settings file names only what differs.
public protocol Policy: Codable, Sendable {
  init()
  /// Throws ``PolicyError`` where a number lies outside its range.
  func validate() throws
}

/// A settings file says something that no policy can be.
public struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `dominance.minimum`
  public var path: String
  public var message: String

  public init(_ path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "settings: \(path): \(message)" }
}

/// A policy as it is written: what the file leaves out keeps its default, a member that the policy doesn't know is an
/// error (a misspelt number would otherwise silently keep its default).
public struct Written<P: Policy>: Decodable, Sendable {
  public var policy: P

  public init(from decoder: any Decoder) throws {
    let defaults = try readJSON(Tree.self, canonicalJSON(P()))
    let merged = try defaults.overlaid(with: Tree(from: decoder), path: "")
    do {
      policy = try JSONDocument(canonicalJSON(merged)).decode(P.self)
    } catch let error as JSONError {
      throw PolicyError((error.pointer ?? "").split(separator: "/").joined(separator: "."), error.message)
    }
    try policy.validate()
  }
}

extension Policy {
  /// Throws where `value` lies outside `range`.
  public func require(_ path: String, _ value: Double, in range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw PolicyError(path, "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
    }
  }
}

extension Policy {
  /// Throws where a name is empty, longer than 200 bytes or not one line: it stands in events.
  public func requireLine(_ path: String, _ value: String) throws {
    guard (1...200).contains(value.utf8.count), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw PolicyError(path, "must be one line of at most 200 bytes")
    }
  }
}

/// JSON of any shape.
private enum Tree: Codable {
  case object([String: Tree])
  case array([Tree])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let object = try? value.decode([String: Tree].self) {
      self = .object(object)
    } else if let array = try? value.decode([Tree].self) {
      self = .array(array)
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .string(try value.decode(String.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .object(let object): try value.encode(object)
    case .array(let array): try value.encode(array)
    case .string(let string): try value.encode(string)
    case .number(let number): try value.encode(number)
    case .bool(let bool): try value.encode(bool)
    case .null: try value.encodeNil()
    }
  }

  func overlaid(with written: Tree, path: String) throws -> Tree {
    // An empty object among the defaults is a table that the file fills; others have fixed members.
    guard case .object(var object) = self, !object.isEmpty else { return written }
    guard case .object(let changes) = written else { throw PolicyError(path, "must be an object") }
    for key in changes.keys.sorted() {
      let place = path.isEmpty ? key : path + "." + key
      guard let old = object[key] else { throw PolicyError(place, "is not a known setting") }
      object[key] = try old.overlaid(with: changes[key]!, path: place)
    }
    return .object(object)
  }
}
