internal import CSQLite

/// A SQLite database: a file, or without a path one that is gone when it is closed (SQLite keeps it in memory as long as it
/// is small).
///
/// For one thread at a time; several processes may have the same file open. Closed with its last reference.
public final class Database {
  private let handle: OpaquePointer
  private var prepared: [String: Statement] = [:]

  /// Opens the file, and makes one where there is none.
  ///
  /// - Parameter patience: for how many milliseconds a lock of another process is waited for.
  public init(_ path: String?, patience: Int32 = 10_000) throws(SQLiteError) {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
    let code = sqlite3_open_v2(path ?? "", &handle, flags, nil)
    guard let handle else { throw SQLiteError(code, "no memory for a database") }
    guard code == SQLITE_OK else {
      let message = String(cString: sqlite3_errmsg(handle))
      sqlite3_close_v2(handle)
      throw SQLiteError(code, message)
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, patience)
    // What a schema says is data: nothing in a file that somebody has changed runs.
    casus_sqlite_distrust(handle)
  }

  deinit {
    prepared = [:]
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements that answer nothing.
  public func run(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
  }

  /// A statement, prepared once and kept.
  public func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let statement = prepared[sql] { return statement }
    var pointer: OpaquePointer?
    guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil) == SQLITE_OK,
      let pointer
    else { throw failure }
    let statement = Statement(pointer, handle)
    prepared[sql] = statement
    return statement
  }

  /// Reads as of one moment, and takes the lock for it once.
  public func reading<R>(_ body: () throws -> R) throws -> R {
    try run("BEGIN")
    // Nothing was written.
    defer { try? run("COMMIT") }
    return try body()
  }

  /// Takes the write lock, and keeps what `body` did or nothing of it.
  public func transaction<R>(_ body: () throws -> R) throws -> R {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      // Where SQLite has rolled back by itself there is nothing to do.
      try? run("ROLLBACK")
      throw error
    }
  }

  private var failure: SQLiteError { SQLiteError(sqlite3_errcode(handle), String(cString: sqlite3_errmsg(handle))) }
}
