extension CaseIndex {
  /// Goes up with each change of the tables or of what stands in them: an index of another format is made again.
  static let format = 2

  /// Numbers are SQLite's, unsigned ones by their bits; digests have 32 bytes.
  static let schema = """
    -- One row: how far the journal was read, and its Merkle tree so far.
    CREATE TABLE state(
      journal TEXT NOT NULL, place TEXT NOT NULL, reader TEXT NOT NULL, rights TEXT NOT NULL,
      -- Another number each time that it is made again.
      generation INTEGER NOT NULL,
      sequence INTEGER NOT NULL, recorded INTEGER NOT NULL, sender TEXT NOT NULL, flags INTEGER NOT NULL, digest BLOB NOT NULL,
      leaves INTEGER NOT NULL, edge BLOB NOT NULL, missing BLOB NOT NULL, unknown BLOB NOT NULL, broken INTEGER NOT NULL,
      edged INTEGER NOT NULL);
    CREATE TABLE senders(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    -- Every event: enough to know it again, and for its leaf. flags: the stamp's, and from bit 16 `EventBits`.
    CREATE TABLE events(
      sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL, recorded INTEGER NOT NULL, sender INTEGER NOT NULL,
      flags INTEGER NOT NULL);
    -- Events that can be evidence, by the first eight bytes of their digest.
    CREATE TABLE digests(key INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY(key, sequence)) WITHOUT ROWID;
    -- The tree's edge now and then, so that the root of any size is a few leaves away.
    CREATE TABLE edges(sequence INTEGER PRIMARY KEY, leaves INTEGER NOT NULL, edge BLOB NOT NULL);
    -- What belongs to incidents and cases; statements with their bytes.
    CREATE TABLE facts(
      sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, topic TEXT NOT NULL, revision INTEGER NOT NULL,
      source TEXT NOT NULL, id TEXT NOT NULL, tlp TEXT NOT NULL, counted INTEGER NOT NULL, named BLOB, body BLOB);
    CREATE TABLE topics(topic TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY(topic, sequence)) WITHOUT ROWID;
    CREATE TABLE cases(name TEXT PRIMARY KEY, incident TEXT NOT NULL, opened INTEGER NOT NULL) WITHOUT ROWID;
    CREATE UNIQUE INDEX cases_opened ON cases(opened);
    CREATE INDEX cases_incident ON cases(incident);
    -- Each incident with what a list shows of its newest revision.
    CREATE TABLE incidents(
      name TEXT PRIMARY KEY, first INTEGER NOT NULL, newest INTEGER NOT NULL, revision INTEGER NOT NULL,
      source TEXT NOT NULL, retracted INTEGER NOT NULL, phase INTEGER NOT NULL, weight INTEGER NOT NULL,
      heading BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX incidents_gravity ON incidents(retracted, phase DESC, weight DESC, name);
    -- Whole events that were shown once, so that they need not be read from the journal again.
    CREATE TABLE bodies(sequence INTEGER PRIMARY KEY, body BLOB NOT NULL);
    """

  static let tables = [
    "state", "senders", "events", "digests", "edges", "facts", "topics", "cases", "incidents", "bodies",
  ]
}
