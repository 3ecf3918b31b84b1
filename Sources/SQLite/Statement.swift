internal import CSQLite

/// A prepared statement of a `Database`, which keeps it. Bind, step until there are no more rows; the next `bind` begins anew.
public final class Statement {
  private let handle: OpaquePointer
  private let database: OpaquePointer
  private var place: Int32 = 0

  init(_ handle: OpaquePointer, _ database: OpaquePointer) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: Values

  /// Begins anew: the next value is the first.
  @discardableResult
  public func begin() -> Statement {
    sqlite3_reset(handle)
    place = 0
    return self
  }

  @discardableResult
  public func bind(_ value: Int64?) -> Statement {
    place += 1
    if let value { sqlite3_bind_int64(handle, place, value) } else { sqlite3_bind_null(handle, place) }
    return self
  }

  @discardableResult
  public func bind(_ value: Int) -> Statement { bind(Int64(value)) }

  /// As the number with the same bits: SQLite has no others.
  @discardableResult
  public func bind(_ value: UInt64) -> Statement { bind(Int64(bitPattern: value)) }

  @discardableResult
  public func bind(_ text: String) -> Statement {
    place += 1
    var text = text
    text.withUTF8 { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      _ = casus_sqlite_bind_text(handle, place, start, Int32(bytes.count))
    }
    return self
  }

  @discardableResult
  public func bind(_ bytes: UnsafeRawBufferPointer) -> Statement {
    place += 1
    _ = casus_sqlite_bind_blob(handle, place, bytes.baseAddress, Int32(bytes.count))
    return self
  }

  @discardableResult
  public func bind(_ bytes: [UInt8]?) -> Statement {
    guard let bytes else { return bind(nil as Int64?) }
    return bytes.withUnsafeBytes { bind($0) }
  }

  // MARK: Rows

  /// The next row; false when there are no more.
  public func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      let error = SQLiteError(code, String(cString: sqlite3_errmsg(database)))
      sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs it to its end; for what answers nothing.
  public func run() throws(SQLiteError) { while try step() {} }

  /// The first row by `body`, nil without one.
  public func first<R>(_ body: (Statement) throws -> R) throws -> R? {
    defer { sqlite3_reset(handle) }
    return try step() ? try body(self) : nil
  }

  /// Each row by `body`.
  public func all<R>(_ body: (Statement) throws -> R) throws -> [R] {
    defer { sqlite3_reset(handle) }
    var rows: [R] = []
    while try step() { rows.append(try body(self)) }
    return rows
  }

  public func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }
  public func unsigned(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(handle, column)) }
  public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  public func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// Good until the next step.
  public func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}
