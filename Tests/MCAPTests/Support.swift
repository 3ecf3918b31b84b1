import Foundation
import MCAP
import Testing

/// Reference data beside the repository, which the project doesn't carry.
enum SharedData {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["CASUS_SHARED_DATA"] { return URL(fileURLWithPath: path) }
    return root.deletingLastPathComponent().appendingPathComponent("shared/data")
  }()

  static let hasConformance = FileManager.default.fileExists(
    atPath: folder.appendingPathComponent("mcap-conformance").path)
}

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/casus-mcap-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs the peer script; nil, and says so, where PyPI's mcap cannot be had.
func peer(_ arguments: String...) throws -> String? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  let script = SharedData.root.appendingPathComponent("Tests/MCAPTests/mcap_peer.py").path
  let venv = SharedData.root.appendingPathComponent(".build-venv/mcap").path
  process.arguments = ["python3", script, venv] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  if process.terminationStatus == 77 || process.terminationStatus == 127 {
    print("SKIPPED: PyPI's mcap cannot be had; MCAP files go unchecked by another program")
    return nil
  }
  #expect(process.terminationStatus == 0)
  return String(decoding: output, as: UTF8.self)
}

/// Every record of a file.
func records(of bytes: [UInt8]) throws -> [MCAPRecord] { try records(of: MemoryFile(bytes)) }

func records(of source: any ByteSource) throws -> [MCAPRecord] {
  let reader = MCAPStreamReader(source)
  var records: [MCAPRecord] = []
  while let record = try reader.next() { records.append(record) }
  return records
}

/// The messages of a file, up to where it can be read.
func messages(of bytes: [UInt8]) -> [Message] {
  let reader = MCAPStreamReader(MemoryFile(bytes))
  var messages: [Message] = []
  while let record = try? reader.next() { if case .message(let message) = record { messages.append(message) } }
  return messages
}

/// A small file: messages on two channels in chunks of some 300 bytes.
func sample(
  messages count: Int = 40, _ change: (inout MCAPWriterOptions) -> Void = { _ in }
) throws -> (bytes: [UInt8], messages: [Message]) {
  var options = MCAPWriterOptions()
  options.chunkBytes = 300
  change(&options)
  let file = MemoryFile()
  let writer = try MCAPWriter(file, options: options)
  try writer.add(Schema(id: 1, name: "note", encoding: "jsonschema", data: Array("{}".utf8)))
  try writer.add(Channel(id: 1, schemaID: 1, topic: "a", messageEncoding: "json", metadata: ["of": "a"]))
  try writer.add(Channel(id: 7, schemaID: 1, topic: "b", messageEncoding: "json"))
  var messages: [Message] = []
  for n in 0..<count {
    let data = Array("{\"n\":\(n),\"text\":\"\(String(repeating: "x", count: n))\"}".utf8)
    let message = Message(
      channelID: n % 3 == 0 ? 7 : 1, sequence: UInt32(n), logTime: UInt64(100 + n), publishTime: UInt64(n), data: data)
    try writer.write(message)
    messages.append(message)
  }
  try writer.write(
    Attachment(logTime: 1, createTime: 2, name: "key.txt", mediaType: "text/plain", data: Array("EXERCISE".utf8)))
  try writer.write(Metadata(name: "about", metadata: ["who": "EXERCISE", "why": "a test"]))
  try writer.finish()
  return (file.bytes, messages)
}

/// The number of messages that the file's statistics tell.
func statisticsCount(_ records: [MCAPRecord]) -> UInt64? {
  for case .statistics(let found) in records { return found.messageCount }
  return nil
}
