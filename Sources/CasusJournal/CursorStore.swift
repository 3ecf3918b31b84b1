import Glibc
import MCAP

/// Small named values that survive a restart: what durable subscriptions have acknowledged, the schemas that plugins brought.
///
/// One file, replaced as a whole: written beside it, synced, renamed, the folder synced. After a power cut the file is
/// the old one or the new one. One thread at a time.
///
///     magic "CASUSCUR" | u32 count | count × (string name, u32 length, bytes) | u32 CRC-32 of everything before
public final class CursorStore {
  private let path: String
  private let folder: String
  private let sync: JournalOptions.Sync
  private var buffer = RecordBuffer()

  /// - Parameters:
  ///   - folder: the journal's.
  ///   - name: the file's there.
  public init(folder: String, name: String = "cursors", sync: JournalOptions.Sync = .disk) {
    self.folder = folder
    self.sync = sync
    path = "\(folder)/\(name)"
  }

  /// What was saved last; empty when nothing ever was.
  /// - Throws: `.damaged` when the file is not what was written; removing it makes every subscription start anew.
  public func load() throws(JournalError) -> [String: [UInt8]] {
    guard access(path, F_OK) == 0 else { return [:] }
    let file = try PosixFile(path, O_RDONLY)
    // Never less than what `save` may write: quarantines with long reasons make tens of megabytes.
    guard let size = Int(exactly: try file.size), size <= UInt32.max else {
      throw JournalError(.damaged, file: path, "such a file has at most 4 GiB")
    }
    buffer.removeAll()
    try file.readAll(size, at: 0, into: &buffer)
    do throws(MCAPError) { return try Self.parse(buffer.bytes) } catch {
      throw JournalError(.damaged, file: path, offset: error.offset, error.message)
    }
  }

  /// Replaces all values.
  /// - Throws: `.diskFull` (the old file stands), `.failed`, `.io`.
  public func save(_ values: [String: [UInt8]]) throws(JournalError) {
    buffer.removeAll()
    buffer.append(Self.magic)
    buffer.append(UInt32(values.count))
    for (name, bytes) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      buffer.append(string: name)
      buffer.append(UInt32(bytes.count))
      buffer.append(bytes)
    }
    buffer.append(CRC32.of(buffer.bytes))
    let new = path + ".new"
    let file = try PosixFile(new, O_RDWR | O_CREAT | O_TRUNC)
    if let number = file.write(buffer.bytes, at: 0) {
      throw JournalError.system("cannot write", new, number: number)
    }
    if sync == .disk, let number = file.sync() {
      throw JournalError(.failed, file: new, errno: number, "the disk did not confirm a write")
    }
    guard rename(new, path) == 0 else { throw JournalError.system("cannot be given its name", path) }
    if sync == .disk { try PosixFile.syncDirectory(folder) }
  }

  private static let magic = Array("CASUSCUR".utf8)

  private static func parse(_ bytes: UnsafeRawBufferPointer) throws(MCAPError) -> [String: [UInt8]] {
    guard bytes.count >= 16, bytes.prefix(8).elementsEqual(magic) else {
      throw MCAPError(.malformed, at: 0, "not a file of named values")
    }
    let body = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
    var end = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.suffix(4)))
    guard try end.read(UInt32.self) == CRC32.of(body) else {
      throw MCAPError(.checksum, at: UInt64(body.count), "the checksum differs")
    }
    var reader = ByteReader(body)
    _ = try reader.take(8)
    var values: [String: [UInt8]] = [:]
    for _ in 0..<(try reader.read(UInt32.self)) {
      let name = try reader.string()
      values[name] = [UInt8](try reader.take(UInt64(try reader.read(UInt32.self))))
    }
    return values
  }
}
