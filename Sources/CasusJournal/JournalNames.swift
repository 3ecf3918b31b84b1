internal import CasusEvents
import Synchronization

/// The numbers that stand for senders, types and editions of schemas as long as the journal is open.
///
/// Types and senders are numbered from 0 in the order in which they are first named: by the segments when the journal is
/// opened, afterwards by whoever stages events. The broker numbers them in the same way, so one number means the same
/// everywhere. Thread-safe. Grows with the number of names and editions, never with the number of events.
final class JournalNames: Sendable {
  struct Edition: Sendable {
    var type: UInt16
    var name: EventType
    var schema: [UInt8]
    var digest: String
  }

  private struct EditionKey: Hashable {
    var type: UInt16
    var digest: String
  }

  private struct State {
    // By their bytes: to `String` two spellings of one accent are equal.
    var senders: [String] = []
    var senderNumbers: [[UInt8]: UInt16] = [:]
    var types: [EventType] = []
    var typeNumbers: [[UInt8]: UInt16] = [:]
    var editions: [Edition] = []
    var editionIDs: [EditionKey: EditionID] = [:]
  }

  private let state = Mutex(State())

  var senders: [String] { state.withLock { $0.senders } }
  var types: [EventType] { state.withLock { $0.types } }

  func sender(_ identity: String) throws(JournalError) -> UInt16 {
    try number { Self.intern(identity, Array(identity.utf8), &$0.senders, &$0.senderNumbers) }
  }

  func type(_ type: EventType) throws(JournalError) -> UInt16 {
    try number { Self.intern(type, Array(type.rawValue.utf8), &$0.types, &$0.typeNumbers) }
  }

  func edition(of type: UInt16, schema: [UInt8]) -> EditionID {
    edition(of: type, schema: schema, digest: sha256Hex(schema))
  }

  /// The edition whose digest a file names, without hashing a schema that is known already: the same few stand in each
  /// segment.
  func edition(of type: UInt16, schema: [UInt8], named digest: String?) -> EditionID {
    if let digest {
      let known = state.withLock { state -> EditionID? in
        guard let id = state.editionIDs[EditionKey(type: type, digest: digest)],
          state.editions[Int(id.rawValue)].schema == schema
        else { return nil }
        return id
      }
      if let known { return known }
    }
    return edition(of: type, schema: schema)
  }

  private func edition(of type: UInt16, schema: [UInt8], digest: String) -> EditionID {
    state.withLock { state in
      let key = EditionKey(type: type, digest: digest)
      if let id = state.editionIDs[key] { return id }
      let id = EditionID(rawValue: UInt32(state.editions.count))
      state.editions.append(Edition(type: type, name: state.types[Int(type)], schema: schema, digest: digest))
      state.editionIDs[key] = id
      return id
    }
  }

  func name(ofSender number: UInt16) -> String { state.withLock { $0.senders[Int(number)] } }
  func name(ofType number: UInt16) -> EventType { state.withLock { $0.types[Int(number)] } }
  func edition(_ id: EditionID) -> Edition { state.withLock { $0.editions[Int(id.rawValue)] } }

  private func number(_ intern: (inout State) -> UInt16?) throws(JournalError) -> UInt16 {
    guard let number = state.withLock({ intern(&$0) }) else {
      throw JournalError(.tooManyNames, "a journal has room for 65,535 types and as many senders")
    }
    return number
  }

  private static func intern<Name>(
    _ name: Name, _ bytes: [UInt8], _ names: inout [Name], _ numbers: inout [[UInt8]: UInt16]
  ) -> UInt16? {
    if let number = numbers[bytes] { return number }
    guard names.count < Int(UInt16.max) else { return nil }
    let number = UInt16(names.count)
    names.append(name)
    numbers[bytes] = number
    return number
  }
}
