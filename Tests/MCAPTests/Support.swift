import Foundation
import MCAP
import TestSupport
import Testing

/// Runs the peer script; nil, and says so, where PyPI's mcap cannot be had.
func peer(_ arguments: String...) throws -> String? {
  let missing = "PyPI's mcap cannot be had; MCAP files go unchecked by another program"
  guard
    let (status, output) = Checkout.peer("Tests/MCAPTests/mcap_peer.py", venv: "mcap", arguments, without: missing)
  else { return nil }
  #expect(status == 0)
  return output
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
