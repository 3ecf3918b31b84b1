public import CasusEvents

/// Events that are in the journal, in order and without a gap: what `commit` returns and what readers read.
///
/// An immutable view over shared memory, cheap to copy and to slice, safe to use from any thread. The memory goes
/// back to the journal's pool when the last view over it is gone.
public struct CommittedBatch: Sendable, RandomAccessCollection {
  let frozen: FrozenBatch
  public let startIndex: Int
  public let endIndex: Int

  init(_ frozen: FrozenBatch, range: Range<Int>) {
    self.frozen = frozen
    startIndex = range.lowerBound
    endIndex = range.upperBound
  }

  public var firstSequence: UInt64 { frozen.storage.firstSequence + UInt64(startIndex) }
  public var lastSequence: UInt64 { frozen.storage.firstSequence + UInt64(endIndex) - 1 }
  /// Bytes that are held for as long as this view or another one over the same commit is.
  public var memory: Int { frozen.storage.memory }
  /// The event at an index and its stamp. No copy, no allocation.
  public subscript(index: Int) -> JournalRecord {
    precondition(index >= startIndex && index < endIndex, "index out of range")
    let storage = frozen.storage
    let entry = storage.entries[index]
    let key = storage.contents.keys[Int(entry.key)]
    return JournalRecord(
      sequence: storage.firstSequence + UInt64(index),
      recorded: Timestamp(nanoseconds: Int64(truncatingIfNeeded: storage.logTime(entry))),
      published: Timestamp(nanoseconds: Int64(truncatingIfNeeded: storage.publishTime(entry))),
      sender: key.sender, type: key.type, flags: key.flags, event: storage.event(entry))
  }

  /// The length of the event at an index, in bytes.
  public func size(at index: Int) -> Int {
    precondition(index >= startIndex && index < endIndex, "index out of range")
    return Int(frozen.storage.contents.entries[index].length)
  }

  /// The event at an index. **Valid only as long as the batch is held.**
  public func event(at index: Int) -> UnsafeRawBufferPointer {
    precondition(index >= startIndex && index < endIndex, "index out of range")
    return frozen.storage.event(frozen.storage.contents.entries[index])
  }

  public subscript(bounds: Range<Int>) -> CommittedBatch {
    precondition(bounds.lowerBound >= startIndex && bounds.upperBound <= endIndex, "range out of bounds")
    return CommittedBatch(frozen, range: bounds)
  }

  /// The part of it from `sequence` on; all of it when it begins later, nothing when it ends before.
  public func from(_ sequence: UInt64) -> CommittedBatch {
    guard sequence > firstSequence else { return self }
    let skip = Swift.min(sequence - firstSequence, UInt64(count))
    return self[startIndex + Int(skip)..<endIndex]
  }

  /// The stamp with the sender's name; allocates the name.
  public func stamp(at index: Int) -> Stamp {
    let record = self[index]
    return Stamp(
      sequence: record.sequence, recorded: record.recorded, sender: frozen.names.name(ofSender: record.sender),
      flags: record.flags)
  }
}

/// One event of a `CommittedBatch`.
public struct JournalRecord {
  public var sequence: UInt64
  public var recorded: Timestamp
  /// The event's own time, or `recorded` where it has none.
  public var published: Timestamp
  /// The journal's number for it, and so the broker's.
  public var sender: UInt16
  public var type: UInt16
  public var flags: StampFlags
  /// The event's bytes, unchanged. **Valid only as long as the batch it came from is held.**
  public var event: UnsafeRawBufferPointer
}
