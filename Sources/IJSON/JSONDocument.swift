internal import Synchronization

/// A parsed document that keeps what it was read from: for texts that are looked at later, more than once, or by others.
///
/// The parsers themselves are shared by the process, so that making one costs a parse and a copy of what it found (two
/// allocations, about twice the text). Thread-safe: nothing in it changes afterwards.
public final class JSONDocument: @unchecked Sendable {  // Nothing changes after `init`.
  private let view: UnsafeMutablePointer<TapeView>

  /// Throws as ``JSONParser`` does.
  public init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .init()) throws(JSONError) {
    view = try Self.parsed(bytes, limits)
  }

  /// As ``init(_:limits:)-(UnsafeRawBufferPointer,_)``.
  public init(_ bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONError) {
    // withUnsafeBytes can't pass the typed error on.
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(JSONError) in try Self.parsed(buffer, limits) }
    }
    view = try result.get()
  }

  deinit { UnsafeMutableRawPointer(view).deallocate() }

  /// Calls `body` with the document's value, which is good inside it only.
  public func read<R, E: Error>(_ body: (JSONValue) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(root)
  }

  /// For who keeps the document for as long as the value is used.
  package var root: JSONValue { JSONValue(view: view, position: 1, generation: view.pointee.generation) }

  private static func parsed(
    _ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits
  ) throws(JSONError) -> UnsafeMutablePointer<TapeView> {
    let parser = IdleParsers.take(limits)
    defer { IdleParsers.give(parser) }
    _ = try parser.parse(bytes)
    return parser.copyOfView()
  }
}

extension JSONParser {
  /// What the last parse found, in one piece of memory of its own: `TapeView`, tape, strings.
  fileprivate func copyOfView() -> UnsafeMutablePointer<TapeView> {
    let words = Tape.end(view.pointee.tape[0])
    let head = MemoryLayout<TapeView>.stride
    // As the tape promises: 8 bytes past any string's end can be read.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: head + words * 8 + stringBytes + 8, alignment: 16)
    let tape = memory + head
    let strings = tape + words * 8
    tape.copyMemory(from: view.pointee.tape, byteCount: words * 8)
    strings.copyMemory(from: view.pointee.strings, byteCount: stringBytes)
    (strings + stringBytes).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
    return memory.initializeMemory(
      as: TapeView.self,
      repeating: TapeView(
        tape: UnsafePointer(tape.bindMemory(to: UInt64.self, capacity: words)),
        strings: UnsafePointer(strings.bindMemory(to: UInt8.self, capacity: stringBytes + 8)), generation: 0), count: 1)
  }
}

/// Parsers that nobody uses at the moment.
private enum IdleParsers {
  private struct One: @unchecked Sendable {  // It is in the list, or one caller has it.
    var parser: JSONParser
  }

  private static let idle = Mutex<[One]>([])
  private static let most = 8
  /// One that has seen a larger document goes, with its buffers.
  private static let largest = 4 << 20

  static func take(_ limits: JSONLimits) -> JSONParser {
    guard let one = idle.withLock({ $0.popLast() }) else { return JSONParser(limits: limits) }
    one.parser.limits = limits
    return one.parser
  }

  static func give(_ parser: JSONParser) {
    guard parser.largest <= largest else { return }
    let one = One(parser: parser)
    idle.withLock { if $0.count < most { $0.append(one) } }
  }
}
