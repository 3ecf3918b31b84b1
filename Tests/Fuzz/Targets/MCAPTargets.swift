import MCAP

extension FuzzTarget {
  /// Any bytes as an MCAP file. The first byte says whether checksums are made right first, since no mutation finds them.
  /// What the reader gives, it gives again from a copy that the writer makes of it.
  static let mcap = FuzzTarget(
    name: "mcap", dictionary: "mcap", maxBytes: 8192,
    check: { bytes in
      guard let mode = bytes.first else { return }
      var file = Array(bytes.dropFirst())
      if mode & 1 == 1 { Checksums.repair(&file) }
      let records = records(of: file)
      let messages = messages(in: records)
      let copy = copy(of: records, packed: mode & 2 == 0 ? .none : .lz4)
      let again = Self.records(of: copy)
      require(Self.messages(in: again) == messages, "the copy's messages are others")
      guard case .footer? = again.last else { fatalError("the copy has no end") }
    },
    seeds: { _ in [.none, .lz4].flatMap { compression in [false, true].map { sample(compression, $0) } } })

  /// What a reader gives before it stops.
  private static func records(of file: [UInt8]) -> [MCAPRecord] {
    let reader = MCAPStreamReader(MemoryFile(file), maxRecordBytes: 1 << 24)
    var records: [MCAPRecord] = []
    while let record = try? reader.next() {
      records.append(record)
      require(reader.goodEnd <= UInt64(file.count), "the good part ends behind the file")
    }
    return records
  }

  private static func messages(in records: [MCAPRecord]) -> [Message] {
    records.compactMap { if case .message(let message) = $0 { message } else { nil } }
  }

  private static func copy(of records: [MCAPRecord], packed compression: Compression) -> [UInt8] {
    let file = MemoryFile()
    var options = MCAPWriterOptions()
    options.compression = compression
    do throws(MCAPError) {
      let writer = try MCAPWriter(file, options: options)
      for record in records {
        // The writer may refuse more than the reader; that costs no message.
        switch record {
        case .schema(let schema): try? writer.add(schema)
        case .channel(let channel): try? writer.add(channel)
        case .message(let message): try? writer.write(message)
        case .attachment(let attachment): try? writer.write(attachment)
        case .metadata(let metadata): try? writer.write(metadata)
        default: break
        }
      }
      try writer.finish()
    } catch { fatalError("nothing can be written: \(error)") }
    return file.bytes
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
