import SystemFiles

/// What went wrong with a journal, where, and whether trying again can help; the one error type of this module.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble; new kinds may be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Another process has the journal open for writing.
    public static let locked = Code(rawValue: "locked")
    /// Bytes on disk are not what was written. `file` and `offset` say where; a person decides about the repair.
    public static let damaged = Code(rawValue: "damaged")
    /// No room: the batch is not in the journal, everything before it is. The same batch may be tried again.
    public static let diskFull = Code(rawValue: "disk-full")
    /// This process, or the system, has no file descriptor left: as `.diskFull`, and the disk is not to blame.
    public static let tooManyFiles = Code(rawValue: "too-many-files")
    /// The file system is mounted read-only, now: as `.diskFull`, until somebody has looked why.
    public static let readOnly = Code(rawValue: "read-only")
    /// A write or a sync failed. The journal takes nothing more until it is opened again: after a failed sync the
    /// kernel may call pages clean that never reached the disk, so trying again would prove nothing.
    public static let failed = Code(rawValue: "failed")
    /// The operating system refused something else; `errno` says why.
    public static let io = Code(rawValue: "io")
    /// The journal was closed.
    public static let closed = Code(rawValue: "closed")
    /// The batch's sequences do not follow the journal's last one.
    public static let outOfOrder = Code(rawValue: "out-of-order")
    /// The batch or the event is larger than the limit.
    public static let tooLarge = Code(rawValue: "too-large")
    /// More than 65,535 different (edition of a schema, sender, flags) in one batch; the next one takes the event.
    public static let tooManyChannels = Code(rawValue: "too-many-channels")
    /// More than 65,535 types or senders in what is kept.
    public static let tooManyNames = Code(rawValue: "too-many-names")
    /// The sequence is older than the journal's first: retention removed it.
    public static let removed = Code(rawValue: "removed")
    /// The folder holds something that this version cannot read.
    public static let unsupported = Code(rawValue: "unsupported")
    /// There is no journal.
    public static let absent = Code(rawValue: "absent")
    /// Something that the journal had is gone, or another journal's stands in its place: a person decides.
    public static let lost = Code(rawValue: "lost")
    /// A journal cannot be made where something stands already.
    public static let occupied = Code(rawValue: "occupied")
  }

  public var code: Code
  public var file: String?
  /// Where in the file, in bytes.
  public var offset: UInt64?
  public var errno: Int32?
  public var message: String

  public init(_ code: Code, file: String? = nil, offset: UInt64? = nil, errno: Int32? = nil, _ message: String) {
    self.code = code
    self.file = file
    self.offset = offset
    self.errno = errno
    self.message = message
  }

  /// Whether the same call can succeed later without a person doing something to this journal.
  public var isRetriable: Bool { isPassing || code == .locked }

  /// Whether it passes when somebody has made room, or has seen to descriptors or the mount: the journal is whole and goes on then.
  public var isPassing: Bool { code == .diskFull || code == .tooManyFiles || code == .readOnly }

  public var description: String {
    var text = code.rawValue
    if let file { text += ": \(file)" }
    if let offset { text += " at byte \(offset)" }
    text += ": \(message)"
    if let errno { text += ": \(SystemError.message(errno))" }
    return text
  }
}
