/// What each publisher brought in, as it is kept across restarts. The accepted ones stand in the journal too: what came
/// after `through` is counted anew from there.
public struct PublisherBooks: Hashable, Codable, Sendable {
  public struct Entry: Hashable, Codable, Sendable {
    public var accepted: UInt64 = 0
    public var duplicates = 0
    /// By the code's number.
    public var refused: [Int: Int] = [:]
  }

  /// The first sequence that was counted.
  public var from: UInt64
  /// The last one.
  public var through: UInt64
  /// Sequences in between that nobody could count: the journal had lost them.
  public var lost: UInt64
  public var publishers: [String: Entry]
}

extension Broker {
  /// The books as they were kept, before the journal's later events are counted by `recount`.
  ///
  /// Books that know more than the journal holds are another journal's, and are left aside.
  public mutating func restore(_ books: PublisherBooks) {
    guard books.through <= durable else {
      effects.append(
        .note("the publishers' books reach to \(books.through), the journal to \(durable): they begin anew"))
      return
    }
    countedFrom = books.from
    countedThrough = books.through
    lostCount = books.lost
    // Retention has taken events that were never counted.
    passOver(to: first)
    for (identity, entry) in books.publishers {
      guard let sender = senders.intern(identity) else { continue }
      add(entry.accepted, of: sender)
      plugins[identity]?.duplicates = entry.duplicates
      plugins[identity]?.refused = entry.refused
    }
  }

  /// The first sequence that `recount` is to be told of, rising.
  public var recountFrom: UInt64 { countedThrough + 1 }

  /// An event of the journal that the books do not know yet. Called at the start, in rising order.
  public mutating func recount(_ sequence: UInt64, of identity: String) {
    guard sequence > countedThrough, let sender = senders.intern(identity) else { return }
    passOver(to: sequence)
    countedThrough = sequence
    add(1, of: sender)
  }

  /// What is not counted before a sequence never will be.
  private mutating func passOver(to sequence: UInt64) {
    guard countedThrough + 1 < sequence else { return }
    lostCount += sequence - countedThrough - 1
    countedThrough = sequence - 1
  }

  /// Counts what was just committed.
  mutating func count(_ run: Run) {
    passOver(to: run.firstSequence)
    for index in 0..<run.count { add(1, of: run.stamp(at: index).sender) }
    countedThrough = run.lastSequence
  }

  private mutating func add(_ count: UInt64, of sender: UInt16) {
    while acceptedBySender.count <= Int(sender) { acceptedBySender.append(0) }
    acceptedBySender[Int(sender)] += count
  }

  /// Events of a plugin, or of the broker itself, that were accepted since the books began.
  public func published(by identity: String) -> UInt64 {
    guard let sender = senders.find(identity), Int(sender) < acceptedBySender.count else { return 0 }
    return acceptedBySender[Int(sender)]
  }

  public var books: PublisherBooks {
    var books = PublisherBooks(from: countedFrom, through: countedThrough, lost: lostCount, publishers: [:])
    for (sender, accepted) in acceptedBySender.enumerated() where accepted > 0 {
      books.publishers[senders[UInt16(sender)], default: .init()].accepted = accepted
    }
    for plugin in plugins.values where plugin.duplicates > 0 || !plugin.refused.isEmpty {
      books.publishers[plugin.identity, default: .init()].duplicates = plugin.duplicates
      books.publishers[plugin.identity, default: .init()].refused = plugin.refused
    }
    return books
  }

  /// What does not add up between the publishers' books and the journal; nil when everything does.
  public var bookError: String? {
    let accepted = acceptedBySender.reduce(0, +)
    guard countedThrough == durable else { return "counted through \(countedThrough), the journal ends at \(durable)" }
    let events = countedThrough + 1 - countedFrom
    return accepted + lostCount == events
      ? nil : "\(accepted) accepted and \(lostCount) lost are not the \(events) from \(countedFrom)"
  }

  /// Keeps the books when something has changed, once a second.
  mutating func saveBooks() {
    guard now.steady >= nextBooks else { return }
    nextBooks = later(1_000)
    let books = books
    guard books != keptBooks else { return }
    keptBooks = books
    effects.append(.keepBooks(books))
  }
}
