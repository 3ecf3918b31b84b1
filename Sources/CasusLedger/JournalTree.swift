public import CasusEvents

/// The Merkle tree over a journal: one leaf for each event in the order of its sequence, from the first.
///
/// A leaf's data is the event's digest together with what the broker stamped beside it, so that neither the event nor
/// its place, time, sender or marks can be changed later (little-endian):
///
///     u64 sequence | i64 recorded | u16 flags | u16 count | sender, UTF-8 | 32 bytes SHA-256 of the event
///
/// A plain value; appending costs three hashes, memory stays below 3 KiB for any journal.
public struct JournalTree: Hashable, Sendable {
  public private(set) var merkle = MerkleTree()

  public init() {}

  /// The sequence of the last event, which is also the number of leaves.
  public var size: UInt64 { merkle.count }
  public var root: SHA256Digest { merkle.root }

  /// Gives the leaf's hash. Throws `gap` unless the event's sequence follows the last one's.
  @discardableResult
  public mutating func append(_ event: RecordedEvent) throws(LedgerError) -> SHA256Digest {
    guard event.stamp.sequence == size + 1 else {
      throw LedgerError(.gap, "event \(event.stamp.sequence) came where \(size + 1) was due")
    }
    let leaf = Self.leaf(event.stamp, SHA256Digest(of: event.bytes))
    append(leaf: leaf)
    return leaf
  }

  /// Appends the next event by its leaf's hash.
  mutating func append(leaf: SHA256Digest) { merkle.append(leaf) }

  /// A leaf's hash, from the stamp and the digest of the event's bytes. The mark of a redelivery is no part of it: it
  /// says something of a delivery, not of the event.
  public static func leaf(_ stamp: Stamp, _ digest: SHA256Digest) -> SHA256Digest {
    var data: [UInt8] = []
    func add(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    add(stamp.sequence)
    add(stamp.recorded.nanoseconds)
    add(stamp.flags.subtracting(.redelivered).rawValue)
    let sender = Array(stamp.sender.utf8)
    add(UInt16(truncatingIfNeeded: sender.count))
    return MerkleHash.leaf(data + sender + digest.bytes)
  }
}
