import Foundation
import MCAP
import TestSupport
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

  @Test(arguments: shapes.indices)
  func `is read back by stream`(shape: Int) throws {
    let (bytes, written) = try sample(Self.shapes[shape])
    let all = try records(of: bytes)
    #expect(messages(of: bytes) == written)
    #expect(all.contains { if case .attachment(let found) = $0 { found.name == "key.txt" } else { false } })
    #expect(all.contains { if case .metadata(let found) = $0 { found.metadata["why"] == "a test" } else { false } })
    guard case .footer = all.last else { return #expect(Bool(false), "the last record is \(all.suffix(1))") }
  }

  @Test
  func `has a summary that tells what is in it and where it stands`() throws {
    let (bytes, written) = try sample()
    func kind(_ offset: UInt64) -> Opcode { Opcode(rawValue: bytes[Int(offset)]) }
    var places: [Opcode: Int] = [:]
    var entries = 0
    for record in try records(of: bytes) {
      switch record {
      case .statistics(let found):
        #expect(found.messageCount == 40 && found.channelMessageCounts == [1: 26, 7: 14])
      case .chunkIndex(let index):
        places[kind(index.offset), default: 0] += 1
        #expect(index.messageIndexOffsets.values.allSatisfy { kind($0) == .messageIndex })
        #expect(index.startTime >= 100 && index.endTime < 140)
      case .messageIndex(let index): entries += index.entries.count
      case .attachmentIndex(let index): places[kind(index.offset), default: 0] += 1
      case .metadataIndex(let index): places[kind(index.offset), default: 0] += 1
      case .summaryOffset(let group): #expect(kind(group.groupStart) == group.groupOpcode)
      default: break
      }
    }
    #expect(entries == written.count)
    #expect(Set(places.keys) == [.chunk, .attachment, .metadata])
    #expect(places[.chunk] ?? 0 > 4 && places[.attachment] == 1 && places[.metadata] == 1)
  }

  @Test
  func `cannot be a channel without its schema, a message without its channel, or a number with two meanings`() throws {
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

  @Test
  func `stands on the disk as it stands in memory`() throws {
    let folder = TemporaryFolder()
    let (bytes, _) = try sample()
    let file = try DiskFile(creating: "\(folder.path)/a.mcap")
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.close()
    let read = try DiskFile(reading: "\(folder.path)/a.mcap")
    #expect(read.size == UInt64(bytes.count))
    #expect(try statisticsCount(records(of: read)) == 40)
    #expect(throws: MCAPError.self) { try DiskFile(reading: "\(folder.path)/none.mcap") }
  }

  @Test
  func `is a new file for its owner alone, and never writes over one or through a link`() throws {
    let folder = TemporaryFolder()
    let kept = "\(folder.path)/kept"
    try Data("keep".utf8).write(to: URL(fileURLWithPath: kept))
    try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link.mcap", withDestinationPath: kept)
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/nowhere.mcap", withDestinationPath: "\(folder.path)/made")
    for name in ["kept", "link.mcap", "nowhere.mcap"] {
      let error = #expect(throws: MCAPError.self) { try DiskFile(creating: "\(folder.path)/\(name)") }
      #expect(error?.errno == EEXIST)
    }
    #expect(try String(contentsOfFile: kept, encoding: .utf8) == "keep")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/made"))
    try DiskFile(creating: "\(folder.path)/new.mcap").close()
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/new.mcap")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test
  func `is read by PyPI's mcap with its CRC checks on, and what that writes is read here`() throws {
    let folder = TemporaryFolder()
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
      let all = try records(of: theirs)
      #expect(all.count > 500, "\(name)")
      #expect(statisticsCount(all) == 500)
    }
  }
}
