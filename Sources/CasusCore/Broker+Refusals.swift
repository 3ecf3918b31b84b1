internal import CasusEvents
internal import CasusNames
internal import CasusWire

extension Broker {
  /// Counts a refusal; gives back how it is to be told, or nil when it will be told together with others of a flood.
  func refuse(
    _ error: WireError, _ event: UnsafeRawBufferPointer, id: String?, from entry: PluginEntry,
    _ record: PluginRecord
  ) -> BusRefused? {
    record.refused[error.code.rawValue, default: 0] += 1
    guard record.announcements > 0 else {
      record.unannounced[error.code.rawValue, default: 0] += 1
      return nil
    }
    record.announcements -= 1
    return BusRefused(
      plugin: entry.identity, agency: entry.agency, code: error.code.rawValue, name: error.code.name,
      message: bounded(error.message), pointer: error.pointer.map { bounded($0) },
      schema: error.schema.map { bounded($0) }, schemaPointer: error.schemaPointer.map { bounded($0) },
      eventID: id.map { bounded($0) }, eventSHA256: SHA256Digest(of: event).hex, size: event.count)
  }

  /// Tells everyone that a plugin tried what it may not.
  mutating func audit(_ error: WireError, of entry: PluginEntry) {
    if (200..<300).contains(error.code.rawValue) { announceRefusal(error, of: entry) }
  }

  /// Tells everyone of a refused command, or counts it for later when the plugin has caused a flood.
  mutating func announceRefusal(_ error: WireError, of entry: PluginEntry) {
    guard let record = plugins[entry.identity] else { return }
    let told = [UInt8]().withUnsafeBytes { refuse(error, $0, id: nil, from: entry, record) }
    if var told {
      // A command, not an event: there are no bytes to name.
      told.eventSHA256 = nil
      told.size = nil
      announce(told, about: entry.identity)
    }
  }

  /// Gives each plugin back a little of its right to announcements and sessions, and tells what was held back.
  mutating func announceRefusals() {
    for identity in plugins.keys.sorted() {
      guard let record = plugins[identity],
        record.announcements < PluginRecord.burst || record.welcomes < PluginRecord.welcomeBurst
          || !record.unannounced.isEmpty
      else { continue }
      record.announcements = min(PluginRecord.burst, record.announcements + 1)
      record.welcomes = min(PluginRecord.welcomeBurst, record.welcomes + 1)
      let held = record.unannounced
      record.unannounced = [:]
      for (number, count) in held.sorted(by: { $0.key < $1.key }) {
        guard let code = WireErrorCode(rawValue: number) else { continue }
        announce(
          BusRefused(
            plugin: identity, agency: record.agency, code: number, name: code.name, message: code.summary,
            count: count), about: identity)
      }
    }
  }

  /// Others' words inside an event of ours, kept short and harmless.
  func bounded(_ text: String) -> String { HarmlessText.bounded(text, bytes: 200) }
}
