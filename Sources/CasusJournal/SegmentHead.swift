import MCAP

/// What stands at the start of each segment: magic, Header and the Metadata record `casus-segment`.
struct SegmentHead: Hashable {
  static let profile = "casus"
  static let metadataName = "casus-segment"
  static let format = "1"

  var first: UInt64
  var broker: String
  /// Sequences that were lost before this segment and that a repair has written off, "17-20".
  var lost: String?

  /// Writes it and tells where the metadata record stands.
  func append(to buffer: inout RecordBuffer) -> MetadataIndex {
    buffer.append(mcapMagic)
    buffer.append(Header(profile: Self.profile, library: "casus"))
    let start = buffer.count
    buffer.append(Metadata(name: Self.metadataName, metadata: fields))
    return MetadataIndex(
      offset: UInt64(start), length: UInt64(buffer.count - start), name: Self.metadataName)
  }

  /// MCAP has no checksum here, so the fields bring their own: a flipped bit in the first sequence must show.
  private var fields: [String: String] {
    var fields = ["first": String(first), "broker": broker, "format": Self.format]
    if let lost { fields["lost"] = lost }
    var buffer = RecordBuffer()
    buffer.append(map: fields)
    fields["crc32"] = String(CRC32.of(buffer.bytes), radix: 16)
    return fields
  }
}
