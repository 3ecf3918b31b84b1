internal import IJSON

/// Reads the members of a control frame; what is missing or of the wrong kind is refused with its pointer.
/// Unknown members are passed over, so that later versions may add some.
struct ControlReader {
  private let value: JSONValue
  /// Where this object stands in the frame.
  private let path: String

  init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  private func refuse(_ name: StaticString, _ wanted: String) -> WireError {
    WireError(.malformedControl, "\(path)/\(name): \(wanted)", pointer: "\(path)/\(name)")
  }

  /// Of an element of the array `name`.
  private func refuse(_ name: StaticString, _ place: Int, _ wanted: String) -> WireError {
    WireError(.malformedControl, "\(path)/\(name)/\(place): \(wanted)", pointer: "\(path)/\(name)/\(place)")
  }

  private static let wantedSequence = "must be a decimal string, \"123\""

  func string(_ name: StaticString) throws(WireError) -> String {
    guard let text = try optionalString(name) else { throw refuse(name, "a string is missing") }
    return text
  }

  func optionalString(_ name: StaticString) throws(WireError) -> String? {
    guard let member = value[name] else { return nil }
    guard let text = member.string else { throw refuse(name, "must be a string") }
    return text
  }

  func integer(_ name: StaticString, in range: ClosedRange<Int>) throws(WireError) -> Int {
    guard let number = try optionalInteger(name, in: range) else {
      throw refuse(name, "an integer from \(range.lowerBound) to \(range.upperBound) is missing")
    }
    return number
  }

  func optionalInteger(_ name: StaticString, in range: ClosedRange<Int>) throws(WireError) -> Int? {
    guard let member = value[name] else { return nil }
    guard let number = member.int64, range.contains(Int(number)) else {
      throw refuse(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(number)
  }

  func flag(_ name: StaticString) throws(WireError) -> Bool {
    guard let member = value[name] else { return false }
    guard let flag = member.bool else { throw refuse(name, "must be true or false") }
    return flag
  }

  func sequence(_ name: StaticString) throws(WireError) -> UInt64 {
    guard let sequence = try optionalSequence(name) else { throw refuse(name, "a sequence is missing") }
    return sequence
  }

  func optionalSequence(_ name: StaticString) throws(WireError) -> UInt64? {
    guard let member = value[name] else { return nil }
    guard let sequence = Self.sequence(member) else { throw refuse(name, Self.wantedSequence) }
    return sequence
  }

  func strings(_ name: StaticString) throws(WireError) -> [String] {
    try array(name) { (element, place) throws(WireError) in
      guard let text = element.string else { throw refuse(name, place, "must be a string") }
      return text
    }
  }

  func sequences(_ name: StaticString) throws(WireError) -> [UInt64] {
    try array(name) { (element, place) throws(WireError) in
      guard let sequence = Self.sequence(element) else { throw refuse(name, place, Self.wantedSequence) }
      return sequence
    }
  }

  func integers(_ name: StaticString, in range: ClosedRange<Int>) throws(WireError) -> [Int] {
    try array(name) { (element, place) throws(WireError) in
      guard let number = element.int64, range.contains(Int(number)) else {
        throw refuse(name, place, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
      }
      return Int(number)
    }
  }

  /// One of the words that an enumeration has.
  func word<T: RawRepresentable & CaseIterable>(_ name: StaticString) throws(WireError) -> T
  where T.RawValue == String {
    guard let value = T(rawValue: try string(name)) else {
      throw refuse(name, "must be one of " + T.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  /// The client's own number of a subscription.
  func subscription() throws(WireError) -> Int { try integer("sub", in: counts) }

  func objects<T>(_ name: StaticString, _ read: (ControlReader) throws(WireError) -> T) throws(WireError) -> [T] {
    try array(name) { (element, place) throws(WireError) in
      guard element.kind == .object else { throw refuse(name, place, "must be an object") }
      return try read(ControlReader(element, path: "\(path)/\(name)/\(place)"))
    }
  }

  func object(_ name: StaticString) throws(WireError) -> ControlReader {
    guard let object = try optionalObject(name) else { throw refuse(name, "an object is missing") }
    return object
  }

  func optionalObject(_ name: StaticString) throws(WireError) -> ControlReader? {
    guard let member = value[name] else { return nil }
    guard member.kind == .object else { throw refuse(name, "must be an object") }
    return ControlReader(member, path: "\(path)/\(name)")
  }

  func has(_ name: StaticString) -> Bool { value[name] != nil }

  /// An object's members, all strings.
  func stringMembers(_ name: StaticString) throws(WireError) -> [String: String] {
    guard let member = value[name] else { return [:] }
    guard member.kind == .object else { throw refuse(name, "must be an object") }
    var members: [String: String] = [:]
    var failed = false
    member.forEachMember { key, value in
      if let text = value.string { members[String(decoding: key, as: UTF8.self)] = text } else { failed = true }
    }
    if failed { throw refuse(name, "must hold strings only") }
    return members
  }

  /// A member's value as JSON text.
  func text(_ name: StaticString) throws(WireError) -> [UInt8] {
    guard let member = value[name] else { throw refuse(name, "is missing") }
    var writer = JSONWriter()
    writer.value(member)
    return writer.bytes
  }

  private func array<T>(
    _ name: StaticString, _ read: (_ element: JSONValue, _ place: Int) throws(WireError) -> T
  ) throws(WireError) -> [T] {
    guard let member = value[name] else { return [] }
    guard member.kind == .array else { throw refuse(name, "must be an array") }
    var values: [T] = []
    var failure: WireError?
    member.forEachElement { element in
      guard failure == nil else { return }
      do throws(WireError) { values.append(try read(element, values.count)) } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }

  /// Digits only, no sign, no leading zero, within 64 bits.
  private static func sequence(_ value: JSONValue) -> UInt64? {
    guard let text = value.string, let number = UInt64(text), String(number) == text else { return nil }
    return number
  }
}
