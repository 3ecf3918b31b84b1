/// A second, slow reader of JSON that knows where it is: it names the fault of a text that the fast parser refused, and
/// the JSON Pointer of a place. Keeps a stack of its own, so that depth costs no thread's stack. Linear.
struct Scanner {
  struct Fault: Error {
    var code: JSONError.Code
    var offset: Int
    var message: String
  }

  enum Frame {
    case array(index: Int)
    /// The name's place in the source between its quotes; nil before the first.
    case object(name: Range<Int>?)
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  private(set) var position = 0
  private(set) var frames: [Frame] = []
  /// Where to stop, when a pointer is asked for.
  private var target = Int.max

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The first fault of grammar, encoding, depth or number range, in the order of the text.
  static func explain(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) -> JSONError? {
    var scanner = Scanner(bytes, limits: limits)
    do {
      try scanner.run()
      return nil
    } catch {
      return JSONError(
        code: error.code, offset: error.offset, pointer: scanner.pointer(), message: error.message)
    }
  }

  /// The pointer of the value that stands at `offset`; a member's name counts for the member, or, without
  /// `namingMembers`, for its object.
  static func pointer(
    in bytes: UnsafeBufferPointer<UInt8>, at offset: Int, limits: JSONLimits, namingMembers: Bool = true
  ) -> String? {
    var scanner = Scanner(bytes, limits: limits)
    scanner.target = offset
    guard (try? scanner.run(stoppingAtNames: !namingMembers)) != nil else { return nil }
    return scanner.pointer()
  }

  /// Whether it begins as UTF-16 or UTF-32, with a byte order mark or by where its first zero bytes stand, as every JSON
  /// text of such an encoding begins with ASCII characters (the method of RFC 4627, section 3).
  private var looksWide: Bool {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return true }
    guard bytes.count % 2 == 0 else { return false }
    let zeros = bytes.prefix(4).map { $0 == 0 }
    return [
      [true, false], [false, true], [true, false, true, false], [false, true, false, true], [true, true, true, false],
      [false, true, true, true],
    ].contains(zeros)
  }

  private enum Expected {
    case value, elementOrEnd, nameOrEnd, name, separator
  }

  private mutating func run(stoppingAtNames: Bool = false) throws(Fault) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw Fault(code: .byteOrderMark, offset: 0, message: "a byte order mark is not allowed")
    }
    if looksWide {
      throw Fault(code: .invalidUTF8, offset: 0, message: "the text looks like UTF-16 or UTF-32; it must be UTF-8")
    }
    var expected = Expected.value
    while true {
      skipWhiteSpace()
      if expected == .separator && frames.isEmpty {
        guard position == bytes.count else { throw syntax("there is text after the document's end") }
        return
      }
      guard position < bytes.count else { throw syntax("the text ends too early") }
      let byte = bytes[position]
      switch (expected, byte) {
      case (.elementOrEnd, UInt8(ascii: "]")), (.nameOrEnd, UInt8(ascii: "}")):
        position += 1
        frames.removeLast()
        expected = .separator
      case (.value, _), (.elementOrEnd, _):
        if expected == .elementOrEnd { frames[frames.count - 1] = .array(index: 0) }
        if position >= target { return }
        expected = try value(byte)
        if position > target { return }
      case (.name, _), (.nameOrEnd, _):
        guard byte == UInt8(ascii: "\"") else { throw syntax("a member's name in quotes is expected") }
        let start = position + 1
        if stoppingAtNames, let end = try? endOfString(), end > target { return }
        try string()
        frames[frames.count - 1] = .object(name: start..<position - 1)
        if position > target { return }
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
          throw syntax("a colon is expected after a member's name")
        }
        position += 1
        expected = .value
      case (.separator, _):
        expected = try separator(byte)
      }
    }
  }

  private func endOfString() throws(Fault) -> Int {
    var copy = self
    try copy.string()
    return copy.position
  }

  private mutating func separator(_ byte: UInt8) throws(Fault) -> Expected {
    switch (frames[frames.count - 1], byte) {
    case (.array(let index), UInt8(ascii: ",")):
      frames[frames.count - 1] = .array(index: index + 1)
      position += 1
      return .value
    case (.object, UInt8(ascii: ",")):
      frames[frames.count - 1] = .object(name: nil)
      position += 1
      return .name
    case (.array, UInt8(ascii: "]")), (.object, UInt8(ascii: "}")):
      position += 1
      frames.removeLast()
      return .separator
    case (.array, _): throw syntax("a comma or the array's end is expected")
    case (.object, _): throw syntax("a comma or the object's end is expected")
    }
  }

  /// A scalar wholly, or the opening of a container.
  private mutating func value(_ byte: UInt8) throws(Fault) -> Expected {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard frames.count < limits.maxDepth else {
        throw Fault(code: .depth, offset: position, message: Self.depthMessage(limits))
      }
      position += 1
      frames.append(byte == UInt8(ascii: "[") ? .array(index: 0) : .object(name: nil))
      return byte == UInt8(ascii: "[") ? .elementOrEnd : .nameOrEnd
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    default: throw syntax("a value is expected")
    }
    return .separator
  }

  static func depthMessage(_ limits: JSONLimits) -> String {
    "more than \(limits.maxDepth) arrays and objects within each other"
  }

  private mutating func word(_ word: StaticString) throws(Fault) {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, sameBytes(UnsafeBufferPointer(rebasing: bytes[position..<end]), word.utf8Start) else {
      throw syntax("a value is expected")
    }
    position = end
  }

  private mutating func skipWhiteSpace() {
    while position < bytes.count, isWhiteSpace(bytes[position]) { position += 1 }
  }

  func syntax(_ message: String) -> Fault {
    Fault(code: .syntax, offset: position, message: message)
  }

  mutating func advance(to position: Int) {
    self.position = position
  }

  private func pointer() -> String {
    var pointer = JSONPointer()
    for frame in frames {
      switch frame {
      case .array(let index): pointer.append(index: index)
      case .object(let name?): pointer.append(name: Self.unescaped(UnsafeBufferPointer(rebasing: bytes[name])))
      case .object(nil): break
      }
    }
    return pointer.text
  }
}
