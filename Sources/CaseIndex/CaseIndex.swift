import CasusCases
public import CasusEvents
public import CasusLedger
internal import SQLite
internal import SystemFiles

/// What a journal says of incidents and cases, in a file that answers without reading the journal: a projection that can be made
/// again at any time.
///
/// `add` takes the journal's events in order; whoever goes on from `last` and another who does the same do not disturb each other.
/// An answer is a slice of the journal, over which the one fold runs (`CaseProjection`): what an index says is what reading
/// everything says.
///
/// For one task at a time. About 90 bytes an event on disk; a few megabytes of memory, however long the journal is.
public final class CaseIndex: @unchecked Sendable {  // one task at a time, by contract
  let database: Database
  public let owner: IndexOwner
  /// The journal as far as it was read.
  var state: IndexState
  var senders: [String: Int] = [:]

  /// An index that is gone when it is closed.
  public convenience init(temporary owner: IndexOwner) throws {
    let database = try Database(nil)
    try database.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000")
    try self.init(database, owner, fresh: true)
  }

  /// Opens an index in a folder that is the user's alone; made with mode 0700, the file with 0600.
  ///
  /// - Returns: the index; and why one that was there is made again, in words, nil where it is not.
  /// - Throws: `IndexError.folder`, or what SQLite says of a disk that fails.
  public static func open(in folder: String, for owner: IndexOwner) throws -> (index: CaseIndex, remade: String?) {
    do throws(SystemError) { try Files.makeFolder(folder) } catch { throw IndexError(.folder, error.description) }
    if let reason = Files.othersMayChange(folder) { throw IndexError(.folder, reason) }
    forgetOld(in: folder, now: SystemClock.wall())
    // SQLite follows no link, in no part of a path; who may change these was looked at.
    let path = "\(Files.resolved(folder) ?? folder)/\(owner.fileName)"
    do {
      return try open(path, owner)
    } catch let error as SQLiteError where error.isDamage {
      remove(path)
      return (try open(path, owner).index, "it was damaged")
    }
  }

  /// Takes an index away; whoever has it open keeps what he has.
  public static func remove(for owner: IndexOwner, in folder: String) {
    remove("\(Files.resolved(folder) ?? folder)/\(owner.fileName)")
  }

  static func remove(_ path: String) { for end in ["", "-wal", "-shm"] { Files.remove(path + end) } }

  private static func open(_ path: String, _ owner: IndexOwner) throws -> (index: CaseIndex, remade: String?) {
    // SQLite would make it readable for others; what it puts beside it has the file's own mode.
    if !Files.exists(path) { try? Files.create(path, with: [], mode: 0o600, sync: false) }
    let database = try Database(path)
    try database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000")
    var remade: String?
    try database.transaction {
      let version = try database.statement("PRAGMA user_version").begin().first { $0.int(0) } ?? 0
      guard version != 0 else { return try make(database, owner) }
      if version != format {
        remade = "it is of another version"
      } else if let other = try IndexState.owner(database), other != owner {
        remade =
          other.journal == owner.journal ? "\(owner.reader) may read something else now" : "it was another journal's"
      }
      if remade != nil { try make(database, owner) }
    }
    return (try CaseIndex(database, owner, fresh: false), remade)
  }

  private init(_ database: Database, _ owner: IndexOwner, fresh: Bool) throws {
    self.database = database
    self.owner = owner
    if fresh { try database.transaction { try Self.make(database, owner) } }
    guard let state = try IndexState(database) else { throw IndexError(.damaged, "it does not say how far it goes") }
    self.state = state
  }

  /// Drops whatever is there, which may be of another version, and makes the tables.
  private static func make(_ database: Database, _ owner: IndexOwner) throws {
    for table in tables { try database.run("DROP TABLE IF EXISTS \(table)") }
    try database.run(schema)
    try IndexState().insert(database, owner)
    try database.run("PRAGMA user_version=\(format)")
  }

  /// Forgets everything: the journal is not the one that was read.
  public func makeAgain() throws {
    try database.transaction { try Self.make(database, owner) }
    senders = [:]
    guard let state = try IndexState(database) else { throw IndexError(.damaged, "it does not say how far it goes") }
    self.state = state
  }

  /// The last event that was taken.
  public var last: Stamp? { state.last }
  /// Its digest: the journal's event in that place has the same, or the journal is another one.
  public var lastDigest: SHA256Digest? { state.last == nil ? nil : state.digest }
  public var tree: JournalTree? { state.isBroken ? nil : state.tree }

  /// Whether the journal's retention has removed something that the index still speaks of.
  ///
  /// - Parameter first: the journal's first sequence.
  public func isOutlived(by first: UInt64) throws -> Bool {
    guard first > 1 else { return false }
    if let last = state.last, last.sequence < first { return true }
    let oldest = try database.statement("SELECT min(sequence) FROM facts").begin().first {
      $0.isNull(0) ? nil : $0.unsigned(0)
    }
    return (oldest ?? nil).map { $0 < first } ?? false
  }

  /// Forgets the events that the journal no longer has, as whoever reads it now does.
  public func forget(before first: UInt64) throws {
    let query = "SELECT 1 FROM events WHERE sequence < ? LIMIT 1"
    guard first > 1, try database.statement(query).begin().bind(first).first({ _ in true }) == true else { return }
    try database.transaction {
      for table in ["digests", "bodies", "events"] {
        try database.statement("DELETE FROM \(table) WHERE sequence < ?").begin().bind(first).run()
      }
    }
  }
}
