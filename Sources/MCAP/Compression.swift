internal import CLZ4
internal import CMCAP

/// How a chunk's records are packed.
public enum Compression: String, Hashable, Sendable, CaseIterable {
  case none = ""
  /// LZ4 frame format.
  case lz4
  /// Reading only, and only where libzstd.so.1 is installed.
  case zstd
}

/// Packs with LZ4 frames; keeps its memory from call to call. Not thread-safe; may move between threads.
public final class LZ4Compressor: @unchecked Sendable {  // one thread at a time, by contract
  private let context: OpaquePointer

  public init() {
    var context: OpaquePointer?
    let result = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(result) == 0, let context else { fatalError("out of memory for an LZ4 context") }
    self.context = context
  }

  deinit { LZ4F_freeCompressionContext(context) }

  /// Appends one frame that holds `parts` one after the other.
  public func compress(_ parts: [UnsafeRawBufferPointer], into buffer: inout RecordBuffer) throws(MCAPError) {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID = LZ4F_max256KB
    // A part is packed from where it lies: linked blocks, or a part that waits for the next, would be copied first.
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.autoFlush = 1
    // Each block's checksum covers the packed bytes, so that a flipped bit shows even where it unpacks to the same.
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
    let total = parts.reduce(0) { $0 + $1.count }
    preferences.frameInfo.contentSize = UInt64(total)
    try append(to: &buffer, room: 32) { LZ4F_compressBegin(context, $0, $1, &preferences) }
    for part in parts where !part.isEmpty {
      let room = LZ4F_compressBound(part.count, &preferences)
      try append(to: &buffer, room: room) { LZ4F_compressUpdate(context, $0, $1, part.baseAddress, part.count, nil) }
    }
    let room = LZ4F_compressBound(0, &preferences)
    try append(to: &buffer, room: room) { LZ4F_compressEnd(context, $0, $1, nil) }
  }

  private func append(
    to buffer: inout RecordBuffer, room: Int, _ body: (UnsafeMutableRawPointer, Int) -> Int
  ) throws(MCAPError) {
    let start = buffer.count
    buffer.extend(by: room)
    let written = try buffer.withMutableBytes { bytes throws(MCAPError) in
      let result = body(bytes.baseAddress! + start, room)
      guard LZ4F_isError(result) == 0 else { throw MCAPError(.io, "LZ4 could not compress") }
      return result
    }
    buffer.truncate(to: start + written)
  }
}

/// Unpacks chunks; keeps its memory from call to call. Not thread-safe; may move between threads.
public final class Decompressor: @unchecked Sendable {  // one thread at a time, by contract
  private var context: OpaquePointer?

  public init() {}

  deinit { LZ4F_freeDecompressionContext(context) }

  /// Fills `output` exactly; anything else is damage.
  public func decompress(
    _ input: UnsafeRawBufferPointer, as compression: Compression, into output: UnsafeMutableRawBufferPointer
  ) throws(MCAPError) {
    switch compression {
    case .none:
      guard input.count == output.count else {
        throw MCAPError(.malformed, "an unpacked chunk of \(input.count) bytes says it has \(output.count)")
      }
      output.copyMemory(from: input)
    case .lz4: try lz4(input, into: output)
    case .zstd:
      guard casus_zstd_available() != 0 else {
        throw MCAPError(
          .unsupported, "the chunk is packed with zstd, and libzstd.so.1 is not installed (Debian: libzstd1)")
      }
      let written = casus_zstd_decompress(output.baseAddress, output.count, input.baseAddress, input.count)
      guard written == Int64(output.count) else { throw MCAPError(.malformed, "the chunk's zstd frame is damaged") }
    }
  }

  private func lz4(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(MCAPError) {
    if context == nil {
      let result = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
      guard LZ4F_isError(result) == 0 else { throw MCAPError(.io, "out of memory for an LZ4 context") }
    }
    LZ4F_resetDecompressionContext(context)
    var read = 0
    var written = 0
    // What a frame still wants; 0 when it is complete.
    var wanted = 0
    while read < input.count {
      var from = input.count - read
      var to = output.count - written
      let result = LZ4F_decompress(
        context, output.baseAddress.map { $0 + written }, &to, input.baseAddress! + read, &from, nil)
      guard LZ4F_isError(result) == 0, from > 0 || to > 0 else { break }
      wanted = result
      read += from
      written += to
    }
    guard read == input.count, written == output.count, wanted == 0 else {
      throw MCAPError(.malformed, "the chunk's LZ4 frame is damaged")
    }
  }
}
