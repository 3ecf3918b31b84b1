public import MCAP

/// How a journal is kept.
public struct JournalOptions: Sendable {
  /// What a commit waits for.
  public enum Sync: String, Sendable {
    /// `fdatasync`: the events survive a power cut.
    case disk
    /// The operating system has the bytes: the events survive a killed broker, not a power cut.
    case os
    /// As `.os`, and new segments aren't synced either. For tests.
    case none
  }

  /// How much of the closed segments is read when the journal is opened. The last segment is always read in full.
  public enum Check: String, Sendable {
    /// Every byte, against the segment's CRC: about 1 s for 1 GiB in the page cache, else as fast as the disk.
    case everything = "verify-all"
    /// Sizes, summaries and the order of the sequences; damage elsewhere shows when it is read.
    case summaries = "quick"
  }

  public enum Access: Sendable {
    /// The one writer: takes the lock, recovers.
    case readWrite
    /// Beside a writer or without one: takes no lock, changes nothing, sees what was there when it was opened.
    case readOnly
  }

  /// A segment is closed when it is at least this large, in bytes.
  public var segmentBytes: UInt64 = 64 << 20
  /// It is closed too when it has so many commits, of which the writer knows each until then, in about 200 bytes: many
  /// small ones would take tens of megabytes before the file is large.
  public var segmentCommits = 32_768
  /// `.none` or `.lz4`.
  public var compression: Compression = .lz4
  public var sync: Sync = .disk
  public var check: Check = .everything
  public var access: Access = .readWrite
  /// Writes MCAP's message indexes behind each chunk (16 bytes an event), which some viewers need.
  public var messageIndexes = true
  /// The broker's name, kept in each segment's metadata.
  public var broker = ""
  /// Largest batch, in bytes of its records; at most 1 GiB.
  public var maxBatchBytes = 64 << 20

  /// Makes the journal where nothing stands. For tests and tools: a broker must not begin a new one because the old one is gone.
  public var makesMissing = false

  /// For tests.
  var faults: DiskFaults?
  /// Channels that a segment and a batch may have; smaller in tests.
  var maxChannels = Int(UInt16.max)

  public init() {}
}
