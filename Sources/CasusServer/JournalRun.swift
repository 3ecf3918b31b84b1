internal import CasusCore
internal import CasusEvents
internal import CasusJournal

/// Committed events as the core sees them. Made on the thread that wrote or read them.
struct JournalRun: EventRun {
  let batch: CommittedBatch
  /// Worked out once, since each subscription looks at every one.
  let stamps: [RecordStamp]
  let byteCount: Int
  let kinds: RunKinds

  init(_ batch: CommittedBatch) {
    var stamps: [RecordStamp] = []
    stamps.reserveCapacity(batch.count)
    var kinds = RunKinds()
    for record in batch {
      let stamp = RecordStamp(
        sequence: record.sequence, recorded: record.recorded, type: record.type, sender: record.sender,
        flags: record.flags)
      kinds.add(stamp)
      stamps.append(stamp)
    }
    self.batch = batch
    self.stamps = stamps
    self.kinds = kinds
    byteCount = batch.memory + stamps.count * MemoryLayout<RecordStamp>.stride
  }

  var firstSequence: UInt64 { batch.firstSequence }
  var count: Int { stamps.count }

  func stamp(at index: Int) -> RecordStamp { stamps[index] }

  func size(at index: Int) -> Int { batch.size(at: batch.startIndex + index) }
}
