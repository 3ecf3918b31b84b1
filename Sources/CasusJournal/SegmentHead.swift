import MCAP

/// What stands at the start of each segment: magic, Header and the Metadata record `casus-segment`.
struct SegmentHead: Hashable {
  static let profile = "casus"
  static let format = "2"
  /// Longest head that is read, in bytes.
  static let limit: UInt64 = 64 << 10
  /// Sequences begin at 1; no journal comes near the other end, and no sum of one with a file's counts overflows.
  static let sequences: ClosedRange<UInt64> = 1...1 << 62

  var first: UInt64
  var broker: String
  /// The journal that the segment belongs to.
  var journal: JournalID
  /// Sequences right before `first` that a repair or a person has written off.
  var lost: ClosedRange<UInt64>?

  init(first: UInt64, broker: String, journal: JournalID, lost: ClosedRange<UInt64>? = nil) {
    self.first = first
    self.broker = broker
    self.journal = journal
    self.lost = lost
  }

  /// Writes it and tells where the metadata record stands.
  func append(to buffer: inout RecordBuffer) -> MetadataIndex {
    buffer.append(mcapMagic)
    buffer.append(Header(profile: Self.profile, library: "casus"))
    let start = buffer.count
    buffer.append(Metadata(name: segmentMetadataName, metadata: fields))
    return MetadataIndex(
      offset: UInt64(start), length: UInt64(buffer.count - start), name: segmentMetadataName)
  }

  /// Reads it from the file's first bytes and tells where the metadata record stands.
  static func parse(_ bytes: UnsafeRawBufferPointer) throws(MCAPError) -> (SegmentHead, MetadataIndex) {
    guard bytes.starts(with: mcapMagic) else { throw MCAPError(.notMCAP, at: 0, "the file is not MCAP") }
    var reader = ByteReader(bytes)
    _ = try reader.take(UInt64(mcapMagic.count))
    let header = try reader.record()
    let start = reader.offset
    let record = try reader.record()
    guard header.opcode == .header, record.opcode == .metadata else {
      throw MCAPError(.malformed, at: 8, "the file does not begin as a segment")
    }
    var contents = ByteReader(record.contents, origin: start + UInt64(recordHeaderSize))
    let metadata = try Metadata(from: &contents)
    guard let first = metadata.metadata["first"].flatMap(UInt64.init), let broker = metadata.metadata["broker"] else {
      throw MCAPError(.malformed, at: start, "the file is not a journal's segment")
    }
    guard sequences.contains(first) else {
      throw MCAPError(.malformed, at: start, "\(first) is no sequence that a segment begins with")
    }
    guard metadata.metadata["format"] == format else {
      throw MCAPError(
        .unsupported, at: start,
        "the segment has format \(metadata.metadata["format"] ?? "?"), written by another version; this one reads \(format)"
      )
    }
    guard let journal = metadata.metadata["journal"].flatMap({ JournalID($0) }) else {
      throw MCAPError(.malformed, at: start, "the segment names no journal")
    }
    var head = SegmentHead(first: first, broker: broker, journal: journal)
    if let lost = metadata.metadata["lost"] {
      let ends = lost.split(separator: "-").compactMap { UInt64($0) }
      guard ends.count == 2, ends[0] <= ends[1], ends[1] == first &- 1 else {
        throw MCAPError(.malformed, at: start, "lost sequences '\(lost)' do not end before \(first)")
      }
      head.lost = ends[0]...ends[1]
    }
    var expected = RecordBuffer()
    let index = head.append(to: &expected)
    guard bytes.starts(with: expected.bytes) else {
      throw MCAPError(.checksum, at: start, "the segment's head is not what was written")
    }
    return (head, index)
  }

  /// MCAP has no checksum here, so the fields bring their own: a flipped bit in the first sequence must show.
  private var fields: [String: String] {
    var fields = ["first": String(first), "broker": broker, "format": Self.format, "journal": "\(journal)"]
    if let lost { fields["lost"] = "\(lost.lowerBound)-\(lost.upperBound)" }
    var buffer = RecordBuffer()
    buffer.append(map: fields)
    fields["crc32"] = String(CRC32.of(buffer.bytes), radix: 16)
    return fields
  }
}

/// The name of the Metadata record at the start of a segment.
package let segmentMetadataName = "casus-segment"
