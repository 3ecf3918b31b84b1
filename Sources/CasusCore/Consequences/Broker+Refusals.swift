internal import CasusEvents
internal import CasusNames
internal import CasusWire

extension Broker {
  /// Counts a refused event; gives back how it is to be told, or nil when it will be told together with others of a flood.
  mutating func refuse(
    _ error: WireError, _ event: UnsafeRawBufferPointer, id: String?, from entry: PluginEntry,
    _ record: PluginRecord
  ) -> Notice? {
    record.refused[error.code.rawValue, default: 0] += 1
    guard consequences.mayTell(.event, of: entry.identity, at: now.steady) else {
      let summary = BusRefused(
        plugin: entry.identity, agency: entry.agency, code: error.code.rawValue, name: error.code.name,
        message: error.code.summary)
      consequences.hold(.event, .refused(summary), of: entry.identity)
      return nil
    }
    let digest = SHA256Digest(of: event).hex
    // What is said of an event may repeat its words. Whose marking could not be read is told without any; its publisher has them.
    guard let marking = intake.lastMarking else {
      return .refused(
        BusRefused(
          plugin: entry.identity, agency: entry.agency, code: error.code.rawValue, name: error.code.name,
          message: error.code.summary, eventSHA256: digest, size: event.count))
    }
    return .refused(
      BusRefused(
        plugin: entry.identity, agency: entry.agency, code: error.code.rawValue, name: error.code.name,
        message: bounded(error.message), pointer: error.pointer.map { bounded($0) },
        schema: error.schema.map { bounded($0) }, schemaPointer: error.schemaPointer.map { bounded($0) },
        eventID: id.map { bounded($0) }, eventSHA256: digest, size: event.count), marking: marking)
  }

  /// Tells everyone that a plugin tried what it may not.
  mutating func audit(_ error: WireError, of entry: PluginEntry) {
    if (200..<300).contains(error.code.rawValue) { announceRefusal(error, of: entry) }
  }

  /// Tells everyone of a refused command: there are no bytes to name.
  mutating func announceRefusal(_ error: WireError, of entry: PluginEntry) {
    plugins[entry.identity]?.refused[error.code.rawValue, default: 0] += 1
    tell(
      .refused(
        BusRefused(
          plugin: entry.identity, agency: entry.agency, code: error.code.rawValue, name: error.code.name,
          message: bounded(error.message), pointer: error.pointer.map { bounded($0) })),
      .message, of: entry.identity)
  }

  /// Others' words inside an event of ours, kept short and harmless.
  func bounded(_ text: String) -> String { HarmlessText.bounded(text, bytes: 200) }
}
