public import CasusEvents

/// An append-only log of accepted events: what the broker needs of whatever keeps it.
///
/// `FileJournal` keeps it in files of one machine. One thread commits; everything else may be called from any thread.
public protocol Journal: AnyObject, Sendable {
  /// The oldest sequence that is kept; one more than `lastSequence` while there is none.
  var firstSequence: UInt64 { get }
  /// The last sequence that is as durable as the journal's options promise; 0 before the first.
  var lastSequence: UInt64 { get }

  /// The names of types by their numbers; only grows. At opening, all that its segments name: reading brings no others.
  var typeNames: [EventType] { get }
  /// The same of senders.
  var senderNames: [String] { get }
  /// The number that stands for a type: the next one when it is new. Throws `.tooManyNames`.
  func type(_ name: EventType) throws(JournalError) -> UInt16
  /// The number that stands for a sender's identity: the next one when it is new. Throws `.tooManyNames`.
  func sender(_ identity: String) throws(JournalError) -> UInt16
  /// What stands for an edition of a type's schema.
  func edition(of type: UInt16, schema: [UInt8]) -> EditionID

  func makeBatch() -> CommitBatch
  /// Makes the batch durable, or throws and the journal is as before. Blocks. Leaves `batch` empty when it succeeds.
  func commit(_ batch: CommitBatch) throws(JournalError) -> CommittedBatch
  /// Reads from `sequence` on.
  func reader(from sequence: UInt64) throws(JournalError) -> JournalReader
  /// The first sequence recorded at `time` or later; one more than `lastSequence` when there is none.
  func sequence(at time: Timestamp) throws(JournalError) -> UInt64
}
