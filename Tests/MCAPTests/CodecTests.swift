import Testing

@testable import MCAP

@Suite("Checksums and compression")
struct CodecTests {
  @Test
  func `CRC-32 of 123456789 is cbf43926`() {
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.of($0) } == 0xCBF4_3926)
  }

  @Test
  func `CRC-32 is the same by the processor's instructions and by tables, at any length and alignment`() {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bytes.withUnsafeBytes { all in
      for length in 0..<600 {
        let part = UnsafeRawBufferPointer(rebasing: all[length % 17..<length % 17 + length])
        #expect(CRC32.of(part) == CRC32.byTables(part))
      }
      for cut in stride(from: 0, through: 5000, by: 7) {
        var crc = CRC32()
        crc.update(UnsafeRawBufferPointer(rebasing: all[..<cut]))
        crc.update(UnsafeRawBufferPointer(rebasing: all[cut...]))
        #expect(crc.value == CRC32.byTables(all))
      }
    }
  }

  @Test(arguments: [0, 1, 100, 70_000, 300_000, 2_000_000])
  func `LZ4 gives back what it was given, of any size`(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
    var packed = RecordBuffer()
    let compressor = LZ4Compressor()
    let half = size / 3
    try bytes.withUnsafeBytes { all in
      try compressor.compress(
        [UnsafeRawBufferPointer(rebasing: all[..<half]), UnsafeRawBufferPointer(rebasing: all[half...])], into: &packed)
    }
    var unpacked = RecordBuffer()
    unpacked.extend(by: size)
    let input = packed.bytes
    try unpacked.withMutableBytes { output throws(MCAPError) in
      try Decompressor().decompress(input, as: .lz4, into: output)
    }
    #expect(unpacked.bytes.elementsEqual(bytes))
  }

  @Test
  func `an LZ4 frame that is cut or too long for its chunk is damage`() throws {
    var packed = RecordBuffer()
    let bytes = [UInt8](repeating: 7, count: 1000)
    try bytes.withUnsafeBytes { try LZ4Compressor().compress([$0], into: &packed) }
    for (keep, size) in [(packed.count - 1, 1000), (packed.count, 999), (packed.count, 1001), (4, 1000), (0, 1000)] {
      var output = RecordBuffer()
      output.extend(by: size)
      let input = UnsafeRawBufferPointer(rebasing: packed.bytes[..<keep])
      #expect(throws: MCAPError.self, "\(keep) bytes for \(size)") {
        try output.withMutableBytes { bytes throws(MCAPError) in
          try Decompressor().decompress(input, as: .lz4, into: bytes)
        }
      }
    }
  }

  @Test
  func `a zstd frame is read where libzstd is installed, and refused with its name where not`() throws {
    // Single segment, content size 5, one raw block that is the last.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x29, 0, 0] + Array("hello".utf8)
    var output = RecordBuffer()
    output.extend(by: 5)
    do {
      try frame.withUnsafeBytes { input in
        try output.withMutableBytes { bytes throws(MCAPError) in
          try Decompressor().decompress(input, as: .zstd, into: bytes)
        }
      }
      #expect(output.bytes.elementsEqual("hello".utf8))
    } catch let error as MCAPError {
      #expect(error.code == .unsupported && error.message.contains("libzstd"))
    }
  }
}
