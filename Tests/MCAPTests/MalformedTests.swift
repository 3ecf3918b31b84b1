import MCAP
import Testing

/// Bytes that nobody vouches for: an error with a place, never a crash, never memory without bound.
@Suite("A malformed file")
struct MalformedTests {
  static func file(_ body: (inout RecordBuffer) -> Void) -> [UInt8] {
    var buffer = RecordBuffer()
    buffer.append(mcapMagic)
    buffer.append(Header(profile: "", library: ""))
    body(&buffer)
    return [UInt8](buffer.bytes)
  }

  static func appendChunk(
    _ records: [UInt8], _ compression: String, unpacked: UInt64, to buffer: inout RecordBuffer
  ) {
    buffer.appendChunkHeader(
      startTime: 0, endTime: 0, uncompressedSize: unpacked, uncompressedCRC: 0, compression: compression,
      compressedSize: UInt64(records.count))
    buffer.append(records)
  }

  static func code(_ bytes: [UInt8]) -> MCAPError.Code? {
    do { _ = try records(of: bytes) } catch let error as MCAPError { return error.code } catch {}
    return nil
  }

  @Test
  func `that is not MCAP is refused at once`() {
    #expect(Self.code([]) == .notMCAP)
    #expect(Self.code(Array("PK\u{3}\u{4} something else".utf8)) == .notMCAP)
  }

  @Test
  func `with a record longer than the file, up to 2^64-1 bytes, is refused before memory is taken`() {
    for length in [1, 1 << 20, UInt64(Int64.max), UInt64.max - 8, UInt64.max] {
      for opcode in UInt8(0)...20 {
        let bytes = Self.file { buffer in
          buffer.append(opcode)
          buffer.append(length)
        }
        #expect(Self.code(bytes) == .truncated || Self.code(bytes) == .limit, "opcode \(opcode), length \(length)")
      }
    }
  }

  @Test
  func `with a string, a map or a data field that is longer than its record is refused`() {
    for length in [UInt32(1), 1 << 16, .max] {
      let schema = Self.file { buffer in
        let start = buffer.beginRecord(.schema)
        buffer.append(UInt16(1))
        buffer.append(length)
        buffer.endRecord(start)
      }
      #expect(Self.code(schema) == .truncated)
      let channel = Self.file { buffer in
        let start = buffer.beginRecord(.channel)
        buffer.append(UInt16(1))
        buffer.append(UInt16(0))
        buffer.append(string: "a")
        buffer.append(string: "json")
        buffer.append(length)
        buffer.endRecord(start)
      }
      #expect(Self.code(channel) == .truncated)
    }
    let attachment = Self.file { buffer in
      let start = buffer.beginRecord(.attachment)
      buffer.append(UInt64(0))
      buffer.append(UInt64(0))
      buffer.append(string: "a")
      buffer.append(string: "b")
      buffer.append(UInt64.max)
      buffer.endRecord(start)
    }
    #expect(Self.code(attachment) == .truncated)
  }

  @Test
  func `with a message behind the data's end is refused there`() throws {
    let bytes = Self.file { buffer in
      buffer.append(Channel(id: 1, schemaID: 0, topic: "t", messageEncoding: "json"))
      let start = buffer.beginRecord(.dataEnd)
      buffer.append(UInt32(0))
      buffer.endRecord(start)
      buffer.appendMessage(
        channelID: 1, sequence: 1, logTime: 1, publishTime: 1, data: UnsafeRawBufferPointer(start: nil, count: 0))
    }
    #expect(Self.code(bytes) == .malformed)
  }

  @Test
  func `with a string that is not UTF-8 is refused`() {
    let bytes = Self.file { buffer in
      let start = buffer.beginRecord(.metadata)
      buffer.append(UInt32(2))
      buffer.append([0xC0, 0x20])
      buffer.append(UInt32(0))
      buffer.endRecord(start)
    }
    #expect(Self.code(bytes) == .malformed)
  }

  @Test
  func `with a chunk that says it unpacks to terabytes is refused before memory is taken`() {
    for size in [UInt64(1) << 29, 1 << 40, .max] {
      for compression in ["", "lz4", "zstd", "brotli"] {
        let bytes = Self.file { Self.appendChunk([1, 2, 3], compression, unpacked: size, to: &$0) }
        #expect(Self.code(bytes) == .limit, "\(size) \(compression)")
      }
    }
    let mean = Self.file { Self.appendChunk([1, 2, 3], "lz4", unpacked: 1 << 20, to: &$0) }
    #expect(Self.code(mean) == .malformed)
  }

  @Test
  func `of a million empty chunks is read in constant stack`() {
    let bytes = Self.file { buffer in
      for _ in 0..<100_000 { Self.appendChunk([], "", unpacked: 0, to: &buffer) }
    }
    #expect(Self.code(bytes) == .truncated)
  }

  @Test
  func `with a message before its channel, or a channel before its schema, is refused`() {
    let message = Message(channelID: 3, sequence: 0, logTime: 0, publishTime: 0, data: [])
    #expect(Self.code(Self.file { $0.append(message) }) == .malformed)
    let channel = Channel(id: 3, schemaID: 2, topic: "a", messageEncoding: "json")
    #expect(Self.code(Self.file { $0.append(channel) }) == .malformed)
  }

  @Test
  func `with a chunk inside a chunk is refused`() {
    var inner = RecordBuffer()
    Self.appendChunk([], "", unpacked: 0, to: &inner)
    let bytes = Self.file { Self.appendChunk([UInt8](inner.bytes), "", unpacked: UInt64(inner.count), to: &$0) }
    #expect(Self.code(bytes) == .malformed)
  }

  @Test
  func `with a schema or a channel that changes its meaning is refused`() {
    let bytes = Self.file {
      $0.append(Schema(id: 1, name: "a", encoding: "", data: []))
      $0.append(Schema(id: 1, name: "b", encoding: "", data: []))
    }
    #expect(Self.code(bytes) == .malformed)
  }

  @Test(arguments: [Compression.none, .lz4])
  func `with any bit flipped is refused, whatever its chunks are packed with`(compression: Compression) throws {
    let (bytes, _) = try sample(messages: 10) { $0.compression = compression }
    for bit in 0..<bytes.count * 8 {
      var copy = bytes
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.code(copy) != nil, "bit \(bit % 8) of byte \(bit / 8)")
    }
  }

  @Test
  func `with an unknown record is read: the record is handed over as it is`() throws {
    let bytes = Self.file { buffer in
      let start = buffer.beginRecord(Opcode(rawValue: 0x90))
      buffer.append([1, 2, 3])
      buffer.endRecord(start)
      buffer.append(DataEnd(dataSectionCRC: 0))
      buffer.append(Footer(summaryStart: 0, summaryOffsetStart: 0, summaryCRC: 0))
      buffer.append(mcapMagic)
    }
    #expect(try records(of: bytes).contains(.unknown(Opcode(rawValue: 0x90), [1, 2, 3])))
  }

  @Test
  func `whose footer points anywhere is refused`() throws {
    for place in [UInt64(1), 7, 1 << 20, .max] {
      let bytes = Self.file { buffer in
        buffer.append(DataEnd(dataSectionCRC: 0))
        buffer.append(Footer(summaryStart: place, summaryOffsetStart: place, summaryCRC: 0))
        buffer.append(mcapMagic)
      }
      #expect(Self.code(bytes) == .malformed)
    }
  }
}
