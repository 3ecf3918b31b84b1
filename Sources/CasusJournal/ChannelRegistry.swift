import CasusEvents
import MCAP
import Synchronization

/// The numbers that stand for senders, types and channels; the same for every segment as long as the journal is open.
///
/// Thread-safe: the thread that builds batches asks for numbers, the one that commits for definitions, readers for
/// names. Grows with the number of different (type, sender, flags), never with the number of events.
final class ChannelRegistry: Sendable {
  struct TypeEntry {
    var type: EventType
    var schema: [UInt8]
    var digest: String
  }

  struct ChannelEntry: Hashable {
    var type: TypeID
    var sender: SenderID
    var flags: StampFlags
  }

  private struct TypeKey: Hashable {
    var name: String
    var digest: String
  }

  private struct State {
    var senders: [String] = []
    var senderIDs: [String: SenderID] = [:]
    /// Type `n` is schema `n + 1` in the files. `nil` where the segment that is continued leaves a number out.
    var types: [TypeEntry?] = []
    var typeIDs: [TypeKey: TypeID] = [:]
    /// Channel `n` stands at `n - 1`: numbers begin at 1. `nil` where an older file used the number otherwise.
    var channels: [ChannelEntry?] = []
    var channelIDs: [ChannelEntry: UInt16] = [:]
  }

  private let state = Mutex(State())

  func sender(_ identity: String) -> SenderID {
    state.withLock { state in
      if let id = state.senderIDs[identity] { return id }
      let id = SenderID(rawValue: UInt32(state.senders.count))
      state.senders.append(identity)
      state.senderIDs[identity] = id
      return id
    }
  }

  func type(_ type: EventType, schema: [UInt8]) -> TypeID {
    let digest = sha256Hex(schema)
    return state.withLock { state in
      let key = TypeKey(name: type.rawValue, digest: digest)
      if let id = state.typeIDs[key] { return id }
      let id = TypeID(rawValue: UInt32(state.types.count))
      state.types.append(TypeEntry(type: type, schema: schema, digest: digest))
      state.typeIDs[key] = id
      return id
    }
  }

  func name(of id: SenderID) -> String { state.withLock { $0.senders[Int(id.rawValue)] } }

  func entry(of id: TypeID) -> TypeEntry {
    guard let entry = state.withLock({ $0.types[Int(id.rawValue)] }) else { preconditionFailure("no type \(id)") }
    return entry
  }

  func channel(_ entry: ChannelEntry) throws(JournalError) -> UInt16 {
    let id: UInt16? = state.withLock { state in
      if let id = state.channelIDs[entry] { return id }
      guard state.channels.count < Int(UInt16.max), entry.type.rawValue < UInt32(UInt16.max) else { return nil }
      state.channels.append(entry)
      let id = UInt16(state.channels.count)
      state.channelIDs[entry] = id
      return id
    }
    guard let id else { throw JournalError(.tooManyChannels, "no channel number is left") }
    return id
  }

  func entry(ofChannel id: UInt16) -> ChannelEntry? {
    state.withLock { state in
      let index = Int(id) - 1
      return state.channels.indices.contains(index) ? state.channels[index] : nil
    }
  }

  /// Keeps the numbers that the segment which is to be continued already uses. Only before any other is given out.
  ///
  /// Returns false when they contradict each other: then that segment is closed, not continued.
  func adopt(schemas: [Schema], channels: [Channel]) -> Bool {
    let digests = schemas.map { sha256Hex($0.data) }
    return state.withLock { state in
      guard state.types.isEmpty, state.channels.isEmpty else { return false }
      var new = State()
      for (schema, digest) in zip(schemas, digests) {
        let index = Int(schema.id) - 1
        let key = TypeKey(name: schema.name, digest: digest)
        guard index >= 0, new.typeIDs[key] == nil else { return false }
        while new.types.count <= index { new.types.append(nil) }
        guard new.types[index] == nil else { return false }
        new.types[index] = TypeEntry(type: EventType(schema.name), schema: schema.data, digest: digest)
        new.typeIDs[key] = TypeID(rawValue: UInt32(index))
      }
      for channel in channels {
        let type = Int(channel.schemaID) - 1
        guard let sender = channel.metadata["sender"], channel.id > 0, new.types.indices.contains(type),
          new.types[type]?.type.rawValue == channel.topic
        else { return false }
        let senderID = new.senderIDs[sender] ?? SenderID(rawValue: UInt32(new.senders.count))
        if new.senderIDs.updateValue(senderID, forKey: sender) == nil { new.senders.append(sender) }
        let entry = ChannelEntry(
          type: TypeID(rawValue: UInt32(type)), sender: senderID,
          flags: StampFlags(text: channel.metadata["flags"] ?? ""))
        while new.channels.count < Int(channel.id) { new.channels.append(nil) }
        guard new.channels[Int(channel.id) - 1] == nil, new.channelIDs[entry] == nil else { return false }
        new.channels[Int(channel.id) - 1] = entry
        new.channelIDs[entry] = channel.id
      }
      state = new
      return true
    }
  }

  /// Numbers for what another segment's channels mean.
  func intern(
    schemas: [Schema], channels: [Channel], file: String
  ) throws(JournalError) -> [UInt16: ChannelEntry] {
    let data = Dictionary(schemas.map { ($0.id, $0.data) }, uniquingKeysWith: { a, _ in a })
    var table: [UInt16: ChannelEntry] = [:]
    for channel in channels {
      guard let schema = data[channel.schemaID], let sender = channel.metadata["sender"] else {
        throw JournalError(.damaged, file: file, "channel \(channel.id) lacks its schema or its sender")
      }
      table[channel.id] = ChannelEntry(
        type: type(EventType(channel.topic), schema: schema), sender: self.sender(sender),
        flags: StampFlags(text: channel.metadata["flags"] ?? ""))
    }
    return table
  }

  /// Writes channel `id`, before it its schema when `includeSchema`.
  func define(_ id: UInt16, includeSchema: Bool, into buffer: inout RecordBuffer) {
    guard let entry = entry(ofChannel: id) else { return }
    if includeSchema { defineSchema(entry.type.rawValue, into: &buffer) }
    let type = self.entry(of: entry.type)
    let sender = name(of: entry.sender)
    buffer.append(
      Channel(
        id: id, schemaID: schemaID(entry.type.rawValue), topic: type.type.rawValue, messageEncoding: "json",
        metadata: [
          "sender": sender,
          "agency": agency(of: sender),
          "flags": entry.flags.text,
          "schema-sha256": type.digest,
        ]))
  }

  func defineSchema(_ type: UInt32, into buffer: inout RecordBuffer) {
    let entry = entry(of: TypeID(rawValue: type))
    buffer.append(Schema(id: schemaID(type), name: entry.type.rawValue, encoding: "jsonschema", data: entry.schema))
  }

  /// Type `n` is schema `n + 1`: MCAP keeps 0 for "none". `channel` has refused types that don't fit.
  private func schemaID(_ type: UInt32) -> UInt16 { UInt16(truncatingIfNeeded: type + 1) }
}
