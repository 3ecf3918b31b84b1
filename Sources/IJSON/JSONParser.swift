internal import CSimdjson

/// Reads I-JSON (RFC 7493): JSON that every reader reads as the same value.
///
/// Refused beyond what JSON forbids: a byte order mark, bytes that aren't UTF-8, two members of one name, surrogates
/// and noncharacters, numbers that don't survive a double, and what is larger or deeper than the limits. Any value may
/// stand at the top. Escaped control characters, U+0000 among them, are text like any other.
///
/// Cost: libsimdjson's parse and one walk over its tape, linear in the text also for hostile names. The buffers, about
/// 15 bytes for each byte of the largest document seen, stay with the parser: in steady state it allocates nothing. A
/// refused text is read a second time to say where the fault is.
///
/// Not thread-safe, and neither are the values: one parser for each thread.
public final class JSONParser {
  public internal(set) var limits: JSONLimits
  private let parser: OpaquePointer
  /// What simdjson made of the last document. Behind a pointer of its own: the run-time checks of exclusive access that a
  /// variable of a class costs are a twentieth of a small document's parse.
  private let lastView = UnsafeMutablePointer<csimdjson_view>.allocate(capacity: 1)
  @exclusivity(unchecked) private var duplicates = DuplicateCheck()
  let view: UnsafeMutablePointer<TapeView>
  /// Bytes of the last document's strings, lengths included.
  private(set) var stringBytes = 0
  /// Of the documents that were parsed, in bytes.
  private(set) var largest = 0

  /// Traps when not even an empty parser finds memory.
  public init(limits: JSONLimits = .init()) {
    self.limits = limits
    guard let parser = csimdjson_create() else { fatalError("no memory for a JSON parser") }
    self.parser = parser
    lastView.initialize(to: csimdjson_view())
    view = .allocate(capacity: 1)
    // Pointers to nothing: a value, and so a read, comes only with a successful parse.
    view.initialize(to: TapeView(tape: .init(bitPattern: 8)!, strings: .init(bitPattern: 8)!, generation: 0))
  }

  deinit {
    csimdjson_destroy(parser)
    lastView.deallocate()
    view.deallocate()
  }

  /// The document's value, which is valid until the next parse and as long as the parser lives: keep the parser in a
  /// variable or a property, never parse with a temporary one.
  ///
  /// The bytes are copied once; they may go away afterwards.
  public func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
    view.pointee.generation &+= 1
    largest = max(largest, bytes.count)
    guard bytes.count <= limits.maxBytes else {
      throw JSONError(
        code: .size, offset: limits.maxBytes, message: "\(bytes.count) bytes, of \(limits.maxBytes) allowed")
    }
    if limits.isLenient { try parseLeniently(bytes) } else { try parseStrictly(bytes) }
    try checkTape()
    view.pointee.tape = last.tape
    view.pointee.strings = last.strings
    return JSONValue(view: view, position: 1, generation: view.pointee.generation)
  }

  private func parseStrictly(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    guard try isTaken(bytes) else { throw refusal(of: bytes.bindMemory(to: UInt8.self)) }
    if last.traits != 0,
      let fault = textFault(
        in: source, escapes: last.traits & CSIMDJSON_HAS_BACKSLASH.rawValue != 0,
        highBytes: last.traits & CSIMDJSON_HAS_HIGH_BYTE.rawValue != 0)
    {
      throw fault
    }
  }

  /// What simdjson does not take is mended first, when that helps.
  private func parseLeniently(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    let text = bytes.bindMemory(to: UInt8.self)
    let isTaken = try isTaken(bytes)
    guard !isTaken || last.traits & CSIMDJSON_HAS_BACKSLASH.rawValue != 0 && LenientText.hasHalfPair(text) else {
      return
    }
    let mended = LenientText.mended(text)
    let result = mended.withUnsafeBytes { buffer in
      Result { () throws(JSONError) in
        guard try self.isTaken(buffer) else { throw refusal(of: buffer.bindMemory(to: UInt8.self)) }
      }
    }
    try result.get()
  }

  private func isTaken(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> Bool {
    switch csimdjson_parse(parser, bytes.baseAddress, bytes.count, max(limits.maxDepth, 0), lastView) {
    case CSIMDJSON_OK: return true
    case CSIMDJSON_MEMORY: throw JSONError(code: .memory, message: "no memory for the parser's buffers")
    default: return false
    }
  }

  /// As ``parse(_:)-(UnsafeRawBufferPointer)``.
  public func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    // withUnsafeBytes can't pass the typed error on.
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(JSONError) in try parse(buffer) }
    }
    return try result.get()
  }

  /// The bytes in which a value of the last document is written, white space around it left out: `source[range]` is the
  /// value's own text. Linear in what stands before it; nil for a value of an earlier document.
  public func sourceRange(of value: JSONValue) -> Range<Int>? {
    guard value.view == UnsafePointer(view), value.generation == view.pointee.generation else { return nil }
    return SourceMap(view: last).range(ofTapeIndex: value.index)
  }

  /// On which line each value of the last document begins. The text of a lenient parse may have been mended first; that adds
  /// no lines.
  public func lines() -> JSONLines { JSONLines(SourceMap(view: last)) }

  private var last: csimdjson_view { lastView.pointee }

  private var source: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: last.source, count: last.length)
  }

  /// Why simdjson refused: it doesn't say where. What it takes for bad grammar may be half a surrogate pair.
  private func refusal(of bytes: UnsafeBufferPointer<UInt8>) -> JSONError {
    Scanner.explain(bytes, limits: limits) ?? textFault(in: bytes, escapes: true, highBytes: true)
      ?? JSONError(code: .syntax, message: "the text is not JSON")
  }

  private func textFault(in bytes: UnsafeBufferPointer<UInt8>, escapes: Bool, highBytes: Bool) -> JSONError? {
    guard let fault = TextCheck.firstFault(in: bytes, escapes: escapes, highBytes: highBytes) else { return nil }
    return JSONError(
      code: fault.code, offset: fault.offset,
      pointer: Scanner.pointer(in: bytes, at: fault.offset, limits: limits, namingMembers: false),
      message: fault.code == .loneSurrogate
        ? "an escape names half of a surrogate pair" : "a code point that is no character")
  }

  /// One pass over the tape: depth, names and numbers.
  private func checkTape() throws(JSONError) {
    let tape = last.tape!
    let strings = last.strings!
    let end = Tape.end(tape[0]) - 1
    let strict = limits.numbers == .interoperable
    let isLenient = limits.isLenient
    var needsLiterals = false
    var depth = 0
    var index = 1
    var lastString = 0
    while index < end {
      switch Tape.kind(tape[index]) {
      case Tape.array:
        depth += 1
        // simdjson doesn't count an empty container.
        if depth > limits.maxDepth { throw tooDeep(at: index) }
        index += 1
      case Tape.object:
        depth += 1
        if depth > limits.maxDepth { throw tooDeep(at: index) }
        if !isLenient, let name = duplicates.firstDuplicate(tape: tape, strings: strings, object: index) {
          throw fault(.duplicateKey, at: name, "two members of one object have the same name")
        }
        index += 1
      case Tape.objectEnd, Tape.arrayEnd:
        depth -= 1
        index += 1
      case Tape.int64:
        if strict, !NumberCheck.isExact(Int64(bitPattern: tape[index + 1])) {
          throw fault(.numberRange, at: index, NumberCheck.message)
        }
        index += 2
      case Tape.uint64:
        if strict, !NumberCheck.isExact(tape[index + 1]) { throw fault(.numberRange, at: index, NumberCheck.message) }
        index += 2
      case Tape.double:
        if strict, NumberCheck.needsLiteral(Double(bitPattern: tape[index + 1])) { needsLiterals = true }
        index += 2
      case Tape.string:
        lastString = index
        index += 1
      default:
        index += 1
      }
    }
    // Strings stand in the order of the tape.
    stringBytes = lastString == 0 ? 0 : Tape.utf8(tape[lastString], strings).endOffset(in: strings)
    if needsLiterals { try checkLiterals() }
  }

  private func checkLiterals() throws(JSONError) {
    var refused: Int?
    SourceMap(view: last).walk { index, offset, _ in
      guard Tape.kind(last.tape[index]) == Tape.double else { return true }
      let value = Double(bitPattern: last.tape[index + 1])
      if NumberCheck.needsLiteral(value), !NumberCheck.isAllowed(value, in: source, from: offset) { refused = index }
      return refused == nil
    }
    if let refused { throw fault(.numberRange, at: refused, NumberCheck.message) }
  }

  private func tooDeep(at index: Int) -> JSONError {
    fault(.depth, at: index, Scanner.depthMessage(limits))
  }

  private func fault(_ code: JSONError.Code, at index: Int, _ message: String) -> JSONError {
    let offset = SourceMap(view: last).offset(ofTapeIndex: index)
    let pointer = offset.flatMap { Scanner.pointer(in: source, at: $0, limits: limits) }
    return JSONError(code: code, offset: offset, pointer: pointer, message: message)
  }
}

extension UnsafeBufferPointer<UInt8> {
  fileprivate func endOffset(in strings: UnsafePointer<UInt8>) -> Int {
    baseAddress.map { $0 + count - strings } ?? 0
  }
}
