import MCAP

extension FuzzTarget {
  /// Any bytes as an MCAP file. The first byte says whether checksums are made right first, since no mutation finds them.
  /// What one reader gives, a recovered copy gives again; the copy of a copy is the same.
  static let mcap = FuzzTarget(
    name: "mcap", dictionary: "mcap", maxBytes: 8192,
    check: { bytes in
      guard let mode = bytes.first else { return }
      var file = Array(bytes.dropFirst())
      if mode & 1 == 1 { Checksums.repair(&file) }
      readIndexed(file)
      let messages = messages(of: file)
      let sink = MemoryFile()
      var options = MCAPWriterOptions()
      options.compression = mode & 2 == 0 ? .none : .lz4
      guard let report = try? recoverMCAP(from: MemoryFile(file), to: sink, options: options) else { return }
      require(report.messages >= UInt64(messages.count), "recovery keeps less than reading gives")
      let copied = Self.messages(of: sink.bytes)
      require(copied.count == Int(report.messages), "the copy does not hold what was told")
      require(copied.starts(with: messages), "the copy's messages are others")
      let again = MemoryFile()
      guard let second = try? recoverMCAP(from: MemoryFile(sink.bytes), to: again, options: options) else {
        fatalError("the copy cannot be recovered")
      }
      require(second.isLossless && second.messages == report.messages, "the copy of the copy lost something")
      guard let indexed = try? MCAPIndexedReader(MemoryFile(sink.bytes)) else { fatalError("the copy has no index") }
      require(indexed.statistics?.messageCount == report.messages, "the copy's statistics are wrong")
    },
    seeds: { _ in [.none, .lz4].flatMap { compression in [false, true].map { sample(compression, $0) } } })

  /// What a reader from the start gives before it stops.
  private static func messages(of file: [UInt8]) -> [Message] {
    var options = MCAPReaderOptions()
    options.maxRecordBytes = 1 << 24
    let reader = MCAPStreamReader(MemoryFile(file), options: options)
    var messages: [Message] = []
    while let record = try? reader.next() {
      if case .message(let message) = record { messages.append(message) }
      require(reader.goodEnd <= UInt64(file.count), "the good part ends behind the file")
    }
    return messages
  }

  private static func readIndexed(_ file: [UInt8]) {
    var options = MCAPReaderOptions()
    options.maxRecordBytes = 1 << 24
    guard let reader = try? MCAPIndexedReader(MemoryFile(file), options: options) else { return }
    for index in reader.chunks().prefix(100) {
      try? reader.forEachMessage(in: index) { _ in }
      _ = try? reader.messageIndexes(of: index)
    }
    for index in reader.attachmentIndexes.prefix(10) { _ = try? reader.attachment(index) }
    for index in reader.metadataIndexes.prefix(10) { _ = try? reader.metadata(index) }
  }

  private static func sample(_ compression: Compression, _ repaired: Bool) -> [UInt8] {
    let file = MemoryFile()
    var options = MCAPWriterOptions()
    options.compression = compression
    do throws(MCAPError) {
      let writer = try MCAPWriter(file, options: options)
      try writer.add(Schema(id: 1, name: "s", encoding: "jsonschema", data: Array("{}".utf8)))
      try writer.add(Channel(id: 1, schemaID: 1, topic: "t", messageEncoding: "json", metadata: ["k": "v"]))
      for number in 0..<3 {
        try writer.write(
          Message(channelID: 1, sequence: UInt32(number), logTime: 5, publishTime: 4, data: Array("{}".utf8)))
        if number == 1 { try writer.closeChunk() }
      }
      try writer.write(Attachment(logTime: 1, createTime: 1, name: "a", mediaType: "text/plain", data: [1, 2]))
      try writer.write(Metadata(name: "m", metadata: ["a": "b"]))
      try writer.finish()
    } catch { fatalError("\(error)") }
    return [repaired ? 1 : 0] + file.bytes
  }
}

/// Makes the checksums of a file right, as far as its records can be told apart.
enum Checksums {
  static func repair(_ file: inout [UInt8]) {
    var position = mcapMagic.count
    var summary: Int?
    while position + 9 <= file.count {
      let length = integer(file, position + 1, 8)
      let start = position + 9
      guard length <= file.count - start else { return }
      let end = start + length
      switch file[position] {
      case Opcode.chunk.rawValue: repairChunk(&file, start..<end)
      case Opcode.attachment.rawValue where length >= 4: put(crc(file[start..<end - 4]), at: end - 4, &file)
      case Opcode.dataEnd.rawValue where length == 4:
        put(crc(file[..<position]), at: start, &file)
        summary = end
      case Opcode.footer.rawValue where length == 20:
        put(crc(file[(summary ?? position)..<start + 16]), at: start + 16, &file)
      default: break
      }
      position = end
    }
  }

  /// start, end, size: u64 each; crc: u32; compression: string; records: u64 length and bytes.
  private static func repairChunk(_ file: inout [UInt8], _ record: Range<Int>) {
    guard record.count >= 40, integer(file, record.lowerBound + 28, 4) == 0 else { return }
    let start = record.lowerBound + 40
    let length = integer(file, record.lowerBound + 32, 8)
    guard length <= record.upperBound - start else { return }
    put(crc(file[start..<start + length]), at: record.lowerBound + 24, &file)
  }

  private static func integer(_ file: [UInt8], _ offset: Int, _ bytes: Int) -> Int {
    var value: UInt64 = 0
    for index in (0..<bytes).reversed() { value = value << 8 | UInt64(file[offset + index]) }
    return Int(clamping: value)
  }

  private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.withUnsafeBytes { CRC32.of($0) } }

  private static func put(_ value: UInt32, at offset: Int, _ file: inout [UInt8]) {
    for index in 0..<4 { file[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
}
