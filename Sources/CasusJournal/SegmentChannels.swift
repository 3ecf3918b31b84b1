import CasusEvents
import MCAP

/// What one channel of a segment stands for, in the journal's numbers: all that its events have in common.
struct ChannelKey: Hashable, Sendable {
  var edition: EditionID
  /// The edition's.
  var type: UInt16
  var sender: UInt16
  var flags: StampFlags
}

/// The channels and schemas of one segment by their numbers there. Each segment has numbers of its own, from 1, so that
/// none are used up by a broker that runs for long: who is out of them begins the next segment.
struct SegmentChannels {
  /// By channel number.
  private(set) var keys: [UInt16: ChannelKey] = [:]
  private var numbers: [ChannelKey: UInt16] = [:]
  /// Numbers of schemas by edition.
  private var schemas: [EditionID: UInt16] = [:]
  private var lastChannel: UInt16 = 0
  private var lastSchema: UInt16 = 0
  /// Of the schemas' texts, in bytes.
  private var schemaBytes = 0
  /// Whether numbers and meanings are one to one, so that what is written behind a file's commits agrees with them.
  private(set) var canBeContinued = true

  /// A segment's schemas stand in its summary as well, which is read in one piece.
  static let maxSchemaBytes = 256 << 20

  init() {}

  /// Those of a file, its names and editions numbered by `names`.
  ///
  /// - Parameter isRepair: a schema is taken for that of the channel's type, whatever it calls itself.
  init(
    _ channels: [Channel], _ schemas: [Schema], _ names: JournalNames, file: String, isRepair: Bool = false
  ) throws(JournalError) {
    let found = Dictionary(schemas.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for channel in channels {
      let meaning = EventChannel(channel)
      var schema = found[channel.schemaID]
      if isRepair { schema?.name = channel.topic }
      if let reason = EventChannel.gap(in: channel, schema) {
        throw JournalError(.damaged, file: file, "channel \(channel.id) (\(channel.topic)) \(reason)")
      }
      guard let schema, let sender = meaning.sender else { continue }
      let type = try names.type(meaning.type)
      let edition = names.edition(of: type, schema: schema.data, named: meaning.digest)
      let key = ChannelKey(edition: edition, type: type, sender: try names.sender(sender), flags: meaning.flags)
      keep(key, as: channel.id)
      keep(edition, as: channel.schemaID, bytes: schema.data.count)
    }
    canBeContinued = keys.count == numbers.count && self.schemas.count == found.count
  }

  var channelCount: Int { keys.count }
  var schemaCount: Int { schemas.count }

  /// Whether a batch of such events can be written to the segment.
  func haveRoom(for batch: ContiguousArray<ChannelKey>, _ names: JournalNames, maxChannels: Int) -> Bool {
    var channels = Int(lastChannel)
    var editions: Set<EditionID> = []
    var bytes = schemaBytes
    for key in batch where numbers[key] == nil {
      channels += 1
      if schemas[key.edition] == nil, editions.insert(key.edition).inserted {
        bytes += names.edition(key.edition).schema.count
      }
    }
    if channels == Int(lastChannel) { return true }
    return channels <= maxChannels && Int(lastSchema) + editions.count <= Int(UInt16.max)
      && (bytes <= Self.maxSchemaBytes || keys.isEmpty)
  }

  /// The channels' numbers in the order of `batch`; new ones are given to those that have none. What `haveRoom` has
  /// allowed.
  mutating func take(_ batch: ContiguousArray<ChannelKey>, _ names: JournalNames, into ids: inout [UInt16]) {
    ids.removeAll(keepingCapacity: true)
    for key in batch {
      if let known = numbers[key] {
        ids.append(known)
        continue
      }
      keep(key, as: lastChannel + 1)
      if schemas[key.edition] == nil {
        keep(key.edition, as: lastSchema + 1, bytes: names.edition(key.edition).schema.count)
      }
      ids.append(lastChannel)
    }
  }

  /// Writes those channels that `known` has not, each behind its schema where that has no schema either.
  func defineNew(since known: SegmentChannels, _ names: JournalNames, into buffer: inout RecordBuffer) {
    guard lastChannel > known.lastChannel else { return }
    var schema = known.lastSchema
    for id in known.lastChannel + 1...lastChannel {
      guard let key = keys[id], let number = schemas[key.edition] else { continue }
      if number > schema {
        schema = number
        defineSchema(key.edition, number, names, into: &buffer)
      }
      defineChannel(id, key, number, names, into: &buffer)
    }
  }

  /// Writes all of them, by their numbers, as the summary has them. Returns where the channels begin.
  func defineAll(_ names: JournalNames, into buffer: inout RecordBuffer) -> Int {
    for (edition, number) in schemas.sorted(by: { $0.value < $1.value }) {
      defineSchema(edition, number, names, into: &buffer)
    }
    let start = buffer.count
    for (id, key) in keys.sorted(by: { $0.key < $1.key }) {
      defineChannel(id, key, schemas[key.edition] ?? 0, names, into: &buffer)
    }
    return start
  }

  private func defineSchema(
    _ edition: EditionID, _ number: UInt16, _ names: JournalNames, into buffer: inout RecordBuffer
  ) {
    let edition = names.edition(edition)
    buffer.append(EventChannel.schema(number, of: edition.name, edition.schema))
  }

  private func defineChannel(
    _ id: UInt16, _ key: ChannelKey, _ schema: UInt16, _ names: JournalNames, into buffer: inout RecordBuffer
  ) {
    let edition = names.edition(key.edition)
    let channel = EventChannel(
      type: edition.name, sender: names.name(ofSender: key.sender), flags: key.flags, digest: edition.digest)
    buffer.append(channel.channel(id, schema: schema))
  }

  private mutating func keep(_ key: ChannelKey, as id: UInt16) {
    keys[id] = key
    if numbers[key] == nil { numbers[key] = id }
    lastChannel = max(lastChannel, id)
  }

  private mutating func keep(_ edition: EditionID, as id: UInt16, bytes: Int) {
    if schemas[edition] == nil {
      schemas[edition] = id
      schemaBytes += bytes
    }
    lastSchema = max(lastSchema, id)
  }
}
