import CasusEvents
import Synchronization

extension FileJournal {
  /// Sequences that the segments' heads say to be written off, and that no event `casus.bus.loss.v1` of the journal names. Reads the
  /// heads, and those segments that have such events.
  func untoldLosses() throws(JournalError) -> [ClosedRange<UInt64>] {
    let type = try type(BusLoss.type)
    var writtenOff: [ClosedRange<UInt64>] = []
    var told: [ClosedRange<UInt64>] = []
    for segment in segments.withLock({ $0 }) {
      if let lost = try SegmentScan.Start(segment.file, size: try segment.file.size).head.lost {
        writtenOff.append(lost)
      }
      guard segment.channels.values.contains(where: { $0.type == type }) else { continue }
      let reader = try reader(from: segment.first)
      while reader.position < segment.next, let batch = try reader.next() {
        for index in batch.indices where batch[index].type == type {
          let event = try? RecordedEvent(stamp: batch.stamp(at: index), bytes: Array(batch[index].event))
          told += (try? event?.data(as: BusLoss.self))?.lost.compactMap(\.range) ?? []
        }
      }
    }
    return writtenOff.filter { stretch in !told.contains { $0.contains(stretch) } }
  }
}
