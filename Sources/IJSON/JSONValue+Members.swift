extension JSONValue {
  /// An object's members or an array's elements; 0 for anything else. Constant time below 2^24.
  @inlinable
  public var count: Int {
    let word = self.word
    let kind = Tape.kind(word)
    guard kind == Tape.object || kind == Tape.array else { return 0 }
    let count = Tape.count(word)
    return count < Tape.saturatedCount ? count : countedByWalk
  }

  @usableFromInline
  var countedByWalk: Int {
    var count = 0
    if kind == .object {
      for _ in members { count += 1 }
    } else {
      for _ in elements { count += 1 }
    }
    return count
  }

  /// An object's member of that name; nil when there is none or it isn't an object.
  @inlinable
  public subscript(name: StaticString) -> JSONValue? {
    member(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  /// An object's member whose unescaped name is these bytes.
  @inlinable
  public subscript(name: [UInt8]) -> JSONValue? {
    name.withUnsafeBufferPointer { member($0) }
  }

  /// An object's member whose unescaped name is these bytes.
  @inlinable
  public func member(_ name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
    for member in members where member.name.count == name.count {
      guard let start = name.baseAddress else { return member.value }
      if sameBytes(member.name, start) { return member.value }
    }
    return nil
  }

  @inlinable
  public func forEachMember(_ body: (UnsafeBufferPointer<UInt8>, JSONValue) throws -> Void) rethrows {
    for member in members { try body(member.name, member.value) }
  }

  @inlinable
  public func forEachElement(_ body: (JSONValue) throws -> Void) rethrows {
    for element in elements { try body(element) }
  }

  /// An object's members in the order of the text; none for anything else.
  @inlinable
  public var members: Members {
    let word = self.word
    guard Tape.kind(word) == Tape.object else { return Members(parent: self, next: 0, end: 0) }
    return Members(parent: self, next: index + 1, end: Tape.end(word) - 1)
  }

  /// An array's elements in order; none for anything else.
  @inlinable
  public var elements: Elements {
    let word = self.word
    guard Tape.kind(word) == Tape.array else { return Elements(parent: self, next: 0, end: 0) }
    return Elements(parent: self, next: index + 1, end: Tape.end(word) - 1)
  }

  public struct Member {
    /// Unescaped, in place.
    public let name: UnsafeBufferPointer<UInt8>
    public let value: JSONValue

    @inlinable
    init(name: UnsafeBufferPointer<UInt8>, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  public struct Members: Sequence, IteratorProtocol {
    @usableFromInline let parent: JSONValue
    @usableFromInline var position: Int
    @usableFromInline let end: Int

    @inlinable
    init(parent: JSONValue, next: Int, end: Int) {
      self.parent = parent
      self.position = next
      self.end = end
    }

    @inlinable
    public mutating func next() -> Member? {
      guard position < end else { return nil }
      let tape = parent.tape
      let name = Tape.utf8(tape[position], parent.view.pointee.strings)
      let value = parent.at(position + 1)
      position = Tape.next(tape, position + 1)
      return Member(name: name, value: value)
    }
  }

  public struct Elements: Sequence, IteratorProtocol {
    @usableFromInline let parent: JSONValue
    @usableFromInline var position: Int
    @usableFromInline let end: Int

    @inlinable
    init(parent: JSONValue, next: Int, end: Int) {
      self.parent = parent
      self.position = next
      self.end = end
    }

    @inlinable
    public mutating func next() -> JSONValue? {
      guard position < end else { return nil }
      let value = parent.at(position)
      position = Tape.next(parent.tape, position)
      return value
    }
  }
}
