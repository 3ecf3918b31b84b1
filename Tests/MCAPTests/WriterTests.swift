import Foundation
import MCAP
import Testing

@Suite("What the writer writes")
struct WriterTests {
  static let shapes: [@Sendable (inout MCAPWriterOptions) -> Void] = [
    { _ in }, { $0.compression = .none }, { $0.chunkBytes = nil }, { $0.messageIndexes = false },
    { $0.statistics = false }, { $0.chunkBytes = 1 << 20 },
    { options in
      options.repeatSchemas = false
      options.repeatChannels = false
      options.summaryOffsets = false
    },
  ]

  @Test("is read back by stream", arguments: shapes.indices)
  func stream(shape: Int) throws {
    let (bytes, written) = try sample(Self.shapes[shape])
    let all = try records(of: bytes)
    #expect(messages(of: bytes) == written)
    #expect(all.contains { if case .attachment(let found) = $0 { found.name == "key.txt" } else { false } })
    #expect(all.contains { if case .metadata(let found) = $0 { found.metadata["why"] == "a test" } else { false } })
    guard case .footer = all.last else { return #expect(Bool(false), "the last record is \(all.suffix(1))") }
  }

  @Test("is read back by its summary, by time and by topic")
  func index() throws {
    let (bytes, written) = try sample()
    let reader = try MCAPIndexedReader(MemoryFile(bytes))
    #expect(reader.statistics?.messageCount == 40)
    #expect(reader.statistics?.channelMessageCounts == [1: 26, 7: 14])
    #expect(reader.chunkIndexes.count > 4)
    var found: [Message] = []
    for chunk in reader.chunks(logged: 110...120) { try reader.forEachMessage(in: chunk) { found.append($0) } }
    #expect(Set(found).isSuperset(of: written.filter { (110...120).contains($0.logTime) }))
    #expect(found.count < 40)
    #expect(reader.chunks(topics: ["nothing"]).isEmpty)
    for chunk in reader.chunks() {
      let entries = try reader.messageIndexes(of: chunk).reduce(0) { $0 + $1.entries.count }
      var count = 0
      try reader.forEachMessage(in: chunk) { _ in count += 1 }
      #expect(entries == count)
    }
    let attachment = try #require(reader.attachmentIndexes.first)
    #expect(try reader.attachment(attachment).data == Array("EXERCISE".utf8))
    let metadata = try #require(reader.metadataIndexes.first)
    #expect(try reader.metadata(metadata).metadata["who"] == "EXERCISE")
  }

  @Test("cannot be a channel without its schema, a message without its channel, or a number with two meanings")
  func order() throws {
    let writer = try MCAPWriter(MemoryFile())
    #expect(throws: MCAPError.self) {
      try writer.add(Channel(id: 1, schemaID: 9, topic: "a", messageEncoding: "json"))
    }
    #expect(throws: MCAPError.self) {
      try writer.write(Message(channelID: 1, sequence: 0, logTime: 0, publishTime: 0, data: []))
    }
    #expect(throws: MCAPError.self) { try writer.add(Schema(id: 0, name: "a", encoding: "", data: [])) }
    try writer.add(Schema(id: 1, name: "a", encoding: "", data: []))
    try writer.add(Schema(id: 1, name: "a", encoding: "", data: []))
    #expect(throws: MCAPError.self) { try writer.add(Schema(id: 1, name: "b", encoding: "", data: [])) }
  }

  @Test("stands on the disk as it stands in memory")
  func disk() throws {
    let folder = try TemporaryFolder()
    let (bytes, _) = try sample()
    let file = try DiskFile(creating: "\(folder.path)/a.mcap")
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.close()
    let read = try DiskFile(reading: "\(folder.path)/a.mcap")
    #expect(read.size == UInt64(bytes.count))
    #expect(try MCAPIndexedReader(read).statistics?.messageCount == 40)
    #expect(throws: MCAPError.self) { try DiskFile(reading: "\(folder.path)/none.mcap") }
  }

  @Test("is read by PyPI's mcap with its CRC checks on, and what that writes is read here")
  func python() throws {
    let folder = try TemporaryFolder()
    let (bytes, written) = try sample()
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/ours.mcap"))
    guard let output = try peer("read", "\(folder.path)/ours.mcap") else { return }
    let line = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(line["messages"] as? Int == written.count)
    #expect(line["indexed"] as? Int == written.count)
    #expect(line["statistics"] as? Int == written.count)

    _ = try peer("write", folder.path)
    let expected = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/expected.json")))
    for entry in try #require(expected as? [[String: Any]]) {
      let name = try #require(entry["file"] as? String)
      let theirs = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
      #expect(messages(of: theirs).count == entry["messages"] as? Int, "\(name)")
      #expect(try records(of: theirs).count > 500, "\(name)")
      let reader = try MCAPIndexedReader(MemoryFile(theirs))
      #expect(reader.statistics?.messageCount == 500)
      #expect(reader.attachmentIndexes.count == 1)
    }
  }
}
