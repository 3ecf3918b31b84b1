import MCAP

/// Counts a batch's events by channel and writes the message indexes that stand behind its chunk.
///
/// Keeps its memory from batch to batch; each event is visited twice, however many channels there are.
struct ChannelCounter {
  /// Channels of the batch in the order in which they first occur.
  private(set) var used: [UInt16] = []
  /// Events by channel number.
  private(set) var counts = [UInt32](repeating: 0, count: 64)
  private var cursors = [Int](repeating: 0, count: 64)
  /// First and last log time of the batch.
  private(set) var startTime = UInt64.max
  private(set) var endTime = UInt64.min

  mutating func count(_ storage: BatchStorage) {
    (startTime, endTime) = (.max, .min)
    let bytes = storage.bytes
    for id in used { counts[Int(id)] = 0 }
    used.removeAll(keepingCapacity: true)
    for entry in storage.entries {
      let channel = BatchStorage.channel(entry, in: bytes)
      let id = Int(channel)
      if id >= counts.count {
        counts.append(contentsOf: repeatElement(0, count: id * 2 - counts.count))
        cursors.append(contentsOf: repeatElement(0, count: counts.count - cursors.count))
      }
      if counts[id] == 0 { used.append(channel) }
      counts[id] += 1
      let time = BatchStorage.logTime(entry, in: bytes)
      startTime = min(startTime, time)
      endTime = max(endTime, time)
    }
  }

  /// One record a channel, the events in file order.
  ///
  /// - Parameter base: bytes of definitions that stand before the batch's records in the chunk.
  mutating func writeIndexes(_ storage: BatchStorage, base: Int, into buffer: inout RecordBuffer) {
    for id in used {
      let count = counts[Int(id)]
      let start = buffer.beginRecord(.messageIndex)
      buffer.append(id)
      buffer.append(count * 16)
      cursors[Int(id)] = buffer.count
      buffer.extend(by: Int(count) * 16)
      buffer.endRecord(start)
    }
    let bytes = storage.bytes
    for entry in storage.entries {
      let id = Int(BatchStorage.channel(entry, in: bytes))
      buffer.overwrite(BatchStorage.logTime(entry, in: bytes), at: cursors[id])
      buffer.overwrite(UInt64(base + Int(entry.offset) - recordSize), at: cursors[id] + 8)
      cursors[id] += 16
    }
  }
}
