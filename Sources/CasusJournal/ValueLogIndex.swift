import MCAP

/// Where the values in force stand in a `ValueLog`. About 24 bytes for each.
struct ValueLogIndex {
  private struct Group: Hashable {
    var kind: UInt8
    var name: String
  }

  private struct Place {
    var offset: UInt64
    var length: UInt32
  }

  private var places: [Group: [UInt64: Place]] = [:]
  /// Of their records, in bytes.
  private(set) var bytes: UInt64 = 0
  private(set) var count = 0

  /// - Parameter place: of its record in the file; `nil`: there is none any more.
  mutating func set(_ key: ValueKey, _ place: Range<UInt64>?) {
    let group = Group(kind: key.kind, name: key.name)
    var old: Place?
    if let place {
      let new = Place(offset: place.lowerBound, length: UInt32(place.count))
      old = places[group, default: [:]].updateValue(new, forKey: key.number)
      bytes += UInt64(new.length)
      count += 1
    } else {
      old = places[group]?.removeValue(forKey: key.number)
      if places[group]?.isEmpty ?? false { places[group] = nil }
    }
    if let old {
      bytes -= UInt64(old.length)
      count -= 1
    }
  }

  /// Their records in the order of the file, neighbours joined to stretches of about 1 MiB.
  private var stretches: [Range<UInt64>] {
    var stretches: [Range<UInt64>] = []
    for place in places.values.flatMap(\.values).sorted(by: { $0.offset < $1.offset }) {
      let end = place.offset + UInt64(place.length)
      if let last = stretches.last, last.upperBound == place.offset, end - last.lowerBound <= 1 << 20 {
        stretches[stretches.count - 1] = last.lowerBound..<end
      } else {
        stretches.append(place.offset..<end)
      }
    }
    return stretches
  }

  /// Reads the records in force, in the order of the file. The bytes are valid during the call.
  func forEachRecord(
    in file: PosixFile,
    _ body: (ValueKey, _ value: UnsafeRawBufferPointer, _ record: UnsafeRawBufferPointer) throws(JournalError) -> Void
  ) throws(JournalError) {
    var buffer = RecordBuffer()
    for stretch in stretches {
      buffer.removeAll()
      try file.readAll(stretch.count, at: stretch.lowerBound, into: &buffer)
      var reader = ByteReader(buffer.bytes)
      while !reader.isAtEnd {
        let start = reader.position
        guard let record = try? ValueRecord(&reader), let value = record.value else {
          throw JournalError(
            .damaged, file: file.path, offset: stretch.lowerBound + UInt64(start), "it is not what was read before")
        }
        try body(record.key, value, UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<reader.position]))
      }
    }
  }
}
