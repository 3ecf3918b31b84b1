internal import CasusCore
internal import CasusJournal

/// The positions of durable subscriptions and the publishers' books, as they are to stand on disk.
///
/// After the start only the reading thread uses it, so that their texts are made there: with hundreds of subscriptions that is
/// work that nobody should wait for.
final class CursorKeeper: @unchecked Sendable {
  enum Value: Sendable {
    case cursor(CursorRecord)
    case books(PublisherBooks)
    /// It is forgotten.
    case nothing
  }

  private let store: CursorStore
  private var texts: [String: [UInt8]]

  init(_ store: CursorStore, _ texts: [String: [UInt8]]) {
    self.store = store
    self.texts = texts
  }

  /// Takes the changes in and writes everything. When that fails they are not lost: the next save writes them, too.
  func save(_ changes: [String: Value]) throws(JournalError) {
    for (name, value) in changes {
      switch value {
      case .cursor(let cursor): texts[name] = CursorText.encode(cursor)
      case .books(let books): texts[name] = CursorText.encode(books)
      case .nothing: texts[name] = nil
      }
    }
    try store.save(texts)
  }
}
