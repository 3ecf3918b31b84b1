public import CasusEvents

/// The Merkle tree over a journal: one leaf for each event in the order of its sequence, from the first, and one for each stretch
/// of sequences that was lost.
///
/// A leaf's data is the event's digest together with what the broker stamped beside it, so that neither the event nor
/// its place, time, sender or marks can be changed later (little-endian):
///
///     u64 sequence | i64 recorded | u16 flags | u16 count | sender, UTF-8 | 32 bytes SHA-256 of the event
///
/// A lost stretch has a leaf of its own kind in its place. No event has the sequence 0, so neither is ever taken for the other:
///
///     u64 0 | u64 first | u64 last
///
/// A stretch counts as lost when an event `casus.bus.loss.v1` of the journal itself names exactly it. Until that comes, sequences
/// are `missing` and there is no root: a reader who may not see everything takes nothing for lost.
///
/// A plain value; appending costs three hashes, memory stays below 3 KiB for any journal of which nothing is missing.
public struct JournalTree: Hashable, Sendable {
  /// More stretches than this are not missed: whoever lacks so many was never given the journal.
  static let mostMissing = 10_000

  package private(set) var merkle = MerkleTree()
  /// The sequence of the last event.
  public private(set) var size: UInt64 = 0
  /// Sequences that did not come, rising, and that no event has named as lost.
  public private(set) var missing: [ClosedRange<UInt64>] = []

  public init() {}

  /// Goes on from a tree that was kept.
  package init(_ merkle: MerkleTree, size: UInt64, missing: [ClosedRange<UInt64>]) {
    self.merkle = merkle
    self.size = size
    self.missing = missing
  }

  /// Nil while something is missing.
  public var root: SHA256Digest? { missing.isEmpty ? merkle.root : nil }

  /// What an event has added.
  package struct Leaves {
    /// Of the sequences between the last event and this one.
    var stretch: SHA256Digest?
    var event: SHA256Digest
    /// What was missing, and this event says to be lost.
    package var told: [ClosedRange<UInt64>] = []
  }

  /// Throws `gap` when the event does not come behind the last one, or when too much is missing.
  public mutating func append(_ event: RecordedEvent) throws(LedgerError) { _ = try add(event, event.digest) }

  /// - Parameter digest: the event's.
  @discardableResult
  package mutating func add(_ event: RecordedEvent, _ digest: SHA256Digest) throws(LedgerError) -> Leaves {
    let sequence = event.stamp.sequence
    guard sequence > size else {
      throw LedgerError(.gap, "event \(sequence) came where \(size + 1) was due")
    }
    var leaves = Leaves(event: Self.leaf(event.stamp, digest))
    if sequence > size + 1 {
      guard missing.count < Self.mostMissing else {
        throw LedgerError(.gap, "more than \(Self.mostMissing) stretches of the journal are missing")
      }
      let stretch = (size + 1)...(sequence - 1)
      missing.append(stretch)
      let leaf = Self.leaf(lost: stretch)
      merkle.append(leaf)
      leaves.stretch = leaf
    }
    merkle.append(leaves.event)
    size = sequence
    leaves.told = explain(event)
    return leaves
  }

  /// Takes what the event names as lost from what is missing.
  private mutating func explain(_ event: RecordedEvent) -> [ClosedRange<UInt64>] {
    guard !missing.isEmpty, event.stamp.sender == BusLoss.sender, !event.stamp.flags.contains(.replayed),
      let loss = try? event.data(as: BusLoss.self)
    else { return [] }
    let named = Set(loss.lost.compactMap(\.range))
    let told = missing.filter(named.contains)
    missing.removeAll(where: named.contains)
    return told
  }

  /// A leaf's hash, from the stamp and the digest of the event's bytes. The mark of a redelivery is no part of it: it
  /// says something of a delivery, not of the event.
  public static func leaf(_ stamp: Stamp, _ digest: SHA256Digest) -> SHA256Digest {
    var sender = stamp.sender
    return sender.withUTF8 { sender in
      withUnsafeTemporaryAllocation(byteCount: 21 + sender.count + 32, alignment: 8) { data in
        data[0] = 0  // a leaf's, as in `MerkleHash.leaf`
        func put(_ value: some FixedWidthInteger, at place: Int) {
          data.storeBytes(of: value.littleEndian, toByteOffset: place, as: type(of: value))
        }
        put(stamp.sequence, at: 1)
        put(stamp.recorded.nanoseconds, at: 9)
        put(stamp.flags.subtracting(.redelivered).rawValue, at: 17)
        put(UInt16(truncatingIfNeeded: sender.count), at: 19)
        UnsafeMutableRawBufferPointer(rebasing: data[21...]).copyBytes(from: sender)
        digest.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: data[(21 + sender.count)...]).copyMemory(from: $0)
        }
        return SHA256Digest(of: UnsafeRawBufferPointer(data))
      }
    }
  }

  /// The hash of a lost stretch's leaf.
  public static func leaf(lost: ClosedRange<UInt64>) -> SHA256Digest {
    var data: [UInt8] = []
    for number in [0, lost.lowerBound, lost.upperBound] { add(number, to: &data) }
    return MerkleHash.leaf(data)
  }

  private static func add(_ value: some FixedWidthInteger, to data: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }
}
