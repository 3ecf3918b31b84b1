import CasusEvents

/// Whose index it is: what one identity may read another may not, and what it could read under other rights it may not, or not all
/// of it.
public struct IndexOwner: Hashable, Sendable {
  /// The journal's id.
  public var journal: String
  /// Where it is read: a broker's public key, or a folder. Who has a copy with the same id and another content is another one.
  public var place: String
  /// The identity that reads, `jp.nisc/desk`; or that the files themselves are read.
  public var reader: String
  /// What the broker lets it read: its clearance and the patterns of types.
  public var rights: String

  public init(journal: String, at place: String, reader: String, clearance: String, types: [String]) {
    self.journal = journal
    self.place = place
    self.reader = reader
    rights = ([clearance] + types.sorted()).joined(separator: " ")
  }

  /// Who reads the files reads everything. No identity's name begins like that.
  public init(files journal: String, at folder: String) {
    self.journal = journal
    place = folder
    reader = "/files"
    rights = "all"
  }

  /// One for each journal and reader: with other rights it is made again in the same place, and what was read before is gone.
  public var fileName: String { "\(derivedID("case-index", journal, place, reader)).db" }
}

extension IndexOwner {
  init(stored journal: String, _ place: String, _ reader: String, _ rights: String) {
    self.journal = journal
    self.place = place
    self.reader = reader
    self.rights = rights
  }
}
