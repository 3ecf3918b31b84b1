import MCAP

/// What a segment's summary section will say, gathered commit by commit.
struct SegmentSummary: ~Copyable {
  private var chunkIndexes = RecordBuffer()
  private var statistics = Statistics()
  private var channelCounts: [UInt64] = []
  private let metadata: MetadataIndex

  init(metadata: MetadataIndex) {
    self.metadata = metadata
    statistics.metadataCount = 1
  }

  /// What a closed segment's summary says, to go on from.
  init(_ closed: ClosedSegment) {
    self.init(metadata: closed.metadata)
    for index in closed.chunkIndexes { chunkIndexes.append(index) }
    statistics = closed.statistics
    for (id, count) in closed.statistics.channelMessageCounts {
      while channelCounts.count <= Int(id) { channelCounts.append(0) }
      channelCounts[Int(id)] = count
    }
  }

  /// Commits that were added.
  var commits: UInt64 { UInt64(statistics.chunkCount) }

  /// One commit whose events `channels` has counted; `indexLength` is 0 when no message indexes stand behind it.
  mutating func add(
    _ place: ChunkPlace, compression: String, unpacked: UInt64, indexLength: UInt64, channels: ChannelCounter
  ) {
    let start = chunkIndexes.beginRecord(.chunkIndex)
    chunkIndexes.append(place.startTime)
    chunkIndexes.append(place.endTime)
    chunkIndexes.append(place.offset)
    chunkIndexes.append(place.length)
    chunkIndexes.append(indexLength > 0 ? UInt32(channels.used.count * 10) : 0)
    var offset = place.offset + place.length
    for id in channels.used where indexLength > 0 {
      chunkIndexes.append(id)
      chunkIndexes.append(offset)
      offset += messageIndexSize(events: channels.counts[Int(id)])
    }
    chunkIndexes.append(indexLength)
    chunkIndexes.append(string: compression)
    chunkIndexes.append(place.length - chunkOverhead(compression))
    chunkIndexes.append(unpacked)
    chunkIndexes.endRecord(start)

    let isFirst = statistics.messageCount == 0
    statistics.messageStartTime = isFirst ? place.startTime : min(statistics.messageStartTime, place.startTime)
    statistics.messageEndTime = max(statistics.messageEndTime, place.endTime)
    statistics.messageCount += UInt64(place.count)
    statistics.chunkCount += 1
    for id in channels.used {
      let index = Int(id)
      if index >= channelCounts.count {
        channelCounts.append(contentsOf: repeatElement(0, count: index * 2 + 1 - channelCounts.count))
      }
      channelCounts[index] += UInt64(channels.counts[index])
    }
  }

  /// DataEnd, the summary in groups, their offsets, the footer and the closing magic.
  func appendEnd(
    to buffer: inout RecordBuffer, at end: UInt64, dataCRC: UInt32, _ channels: SegmentChannels, _ names: JournalNames
  ) {
    let base = buffer.count
    buffer.append(DataEnd(dataSectionCRC: dataCRC))
    let summaryStart = buffer.count
    var groups: [SummaryOffset] = []
    func place(_ offset: Int) -> UInt64 { end + UInt64(offset - base) }
    func group(_ opcode: Opcode, from start: Int, to stop: Int) {
      guard stop > start else { return }
      groups.append(
        SummaryOffset(groupOpcode: opcode, groupStart: place(start), groupLength: UInt64(stop - start)))
    }
    var start = channels.defineAll(names, into: &buffer)
    group(.schema, from: summaryStart, to: start)
    group(.channel, from: start, to: buffer.count)
    start = buffer.count
    buffer.append(totals(channels))
    group(.statistics, from: start, to: buffer.count)
    start = buffer.count
    buffer.append(chunkIndexes.bytes)
    group(.chunkIndex, from: start, to: buffer.count)
    start = buffer.count
    buffer.append(metadata)
    group(.metadataIndex, from: start, to: buffer.count)
    let offsetStart = buffer.count
    for group in groups { buffer.append(group) }
    // The CRC runs up to its own field, so the footer is written first without it.
    buffer.append(Footer(summaryStart: place(summaryStart), summaryOffsetStart: place(offsetStart), summaryCRC: 0))
    let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: buffer.bytes[summaryStart..<buffer.count - 4]))
    buffer.overwrite(crc, at: buffer.count - 4)
    buffer.append(mcapMagic)
  }

  private func totals(_ channels: SegmentChannels) -> Statistics {
    var totals = statistics
    totals.schemaCount = UInt16(truncatingIfNeeded: channels.schemaCount)
    totals.channelCount = UInt32(channels.channelCount)
    for id in channels.keys.keys where Int(id) < channelCounts.count {
      totals.channelMessageCounts[id] = channelCounts[Int(id)]
    }
    return totals
  }
}

/// Bytes of a message index record: 9, channel u16, length u32, and 16 for each event.
func messageIndexSize(events: UInt32) -> UInt64 { UInt64(recordHeaderSize) + 6 + 16 * UInt64(events) }

/// Bytes of a chunk record around its packed records: 9, three u64, a u32, the compression's name, a u64.
func chunkOverhead(_ compression: String) -> UInt64 { UInt64(recordHeaderSize + 40 + compression.utf8.count) }
