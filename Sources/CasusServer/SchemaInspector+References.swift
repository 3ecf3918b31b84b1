internal import CasusCore
internal import CasusEvents
internal import IJSON

/// References in an event's data, found on the tape that its one parse has made.
extension SchemaInspector {
  /// Most events have none: then it costs a first look for the name of a digest in the text. Else a walk over the data.
  mutating func findReferences(in event: UnsafeRawBufferPointer) {
    guard let data, event.mayHoldReferences else { return }
    data.forEachReference { found in
      references.append(
        ReferenceFacts(
          source: found.source, id: found.id, isReplaced: found.isReplaced,
          place: UInt32(truncatingIfNeeded: found.value.index)))
    }
  }

  func pointer(to reference: ReferenceFacts) -> String { document?.at(Int(reference.place)).pointer ?? "" }

  func text(_ member: StaticString) -> UnsafeBufferPointer<UInt8>? { data?[member]?.utf8 }
}
