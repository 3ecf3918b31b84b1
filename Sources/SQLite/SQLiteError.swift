internal import CSQLite

/// Why SQLite did not do something.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
  /// SQLite's own primary code.
  public var code: Int32
  public var message: String

  /// The file is none of SQLite's, or not as SQLite wrote it.
  public var isDamage: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT }
  /// Somebody else holds the file longer than was waited.
  public var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }

  init(_ code: Int32, _ message: String) {
    self.code = code & 0xff
    self.message = message
  }

  public var description: String { "\(message) (SQLite \(code))" }
}
