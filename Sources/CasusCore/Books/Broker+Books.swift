extension Broker {
  /// The books as they were kept, before the journal's later events are counted by `recount`.
  public mutating func restore(_ kept: PublisherBooks) {
    guard books.restore(kept, first: first, durable: durable, &senders) else {
      effects.append(
        .note(
          "the publishers' books from \(kept.from) to \(kept.through) do not add up, or are not of this journal, which "
            + "reaches to \(durable): they begin anew"))
      return
    }
    for (identity, entry) in kept.publishers {
      plugins[identity]?.duplicates = entry.duplicates
      plugins[identity]?.refused = entry.refused
      guard entry.isExpected == true, registry.byIdentity[identity] != nil, let record = plugins[identity] else {
        continue
      }
      (record.isExpected, record.goneSince) = (true, now.steady)
    }
  }

  /// The first sequence that `recount` is to be told of, rising.
  public var recountFrom: UInt64 { books.countedThrough + 1 }

  /// An event of the journal that the books may not know yet. Called at the start, in rising order.
  public mutating func recount(_ sequence: UInt64, of identity: String) {
    if let sender = senders.intern(identity) { books.recount(sequence, of: sender) }
  }

  /// Events of a plugin, or of the broker itself, that were accepted since the books began.
  public func published(by identity: String) -> UInt64 {
    senders.find(identity).map { books.accepted(of: $0) } ?? 0
  }

  /// What does not add up between the publishers' books and the journal; nil when everything does.
  public var bookError: String? { books.error(durable: durable) }

  /// Keeps the books when something has changed, once a second.
  mutating func keepBooks(always: Bool = false) {
    if let changes = books.changes(at: now.steady, always: always, plugins, senders) {
      effects.append(.keepBooks(changes))
    }
  }
}
