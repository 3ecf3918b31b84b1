/// Counts the accepted events of each sender, by its number, from the journal's commits.
struct Books {
  private var acceptedBySender: [UInt64] = []
  /// The books cover the journal from here to here.
  private var countedFrom: UInt64
  private(set) var countedThrough: UInt64
  private(set) var lost: UInt64 = 0
  private var kept: PublisherBooks?
  /// Steady time before which they are not kept again.
  private var nextKeep = Int64.min

  init(from first: UInt64) {
    countedFrom = first
    countedThrough = first - 1
  }

  /// The books as they were kept, before the journal's later events are counted by `recount`; the journal begins with
  /// `first` now. False, and nothing is restored, when they do not add up or know more than the journal, as another one's.
  mutating func restore(_ books: PublisherBooks, first: UInt64, durable: UInt64, _ senders: inout Names) -> Bool {
    let (accepted, isTooMuch) = books.publishers.values.reduce(into: (books.lost, false)) { sum, entry in
      let (next, overflows) = sum.0.addingReportingOverflow(entry.accepted)
      sum = (next, sum.1 || overflows)
    }
    guard !isTooMuch, books.from > 0, books.through <= durable, books.through &+ 1 &- books.from == accepted else {
      return false
    }
    countedFrom = books.from
    countedThrough = books.through
    lost = books.lost
    // Retention has taken events that were never counted.
    passOver(to: first)
    for (identity, entry) in books.publishers {
      if let sender = senders.intern(identity) { add(entry.accepted, of: sender) }
    }
    return true
  }

  /// An event of the journal that the books do not know yet; those that they know are passed over.
  mutating func recount(_ sequence: UInt64, of sender: UInt16) {
    guard sequence > countedThrough else { return }
    passOver(to: sequence)
    countedThrough = sequence
    add(1, of: sender)
  }

  /// What was just committed.
  mutating func count<Run: EventRun>(_ run: Run) {
    passOver(to: run.firstSequence)
    for index in 0..<run.count { add(1, of: run.stamp(at: index).sender) }
    countedThrough = run.lastSequence
  }

  /// What is not counted before a sequence never will be.
  private mutating func passOver(to sequence: UInt64) {
    guard countedThrough + 1 < sequence else { return }
    lost += sequence - countedThrough - 1
    countedThrough = sequence - 1
  }

  private mutating func add(_ count: UInt64, of sender: UInt16) {
    while acceptedBySender.count <= Int(sender) { acceptedBySender.append(0) }
    acceptedBySender[Int(sender)] += count
  }

  /// Events of a sender that were accepted since the books began.
  func accepted(of sender: UInt16) -> UInt64 {
    Int(sender) < acceptedBySender.count ? acceptedBySender[Int(sender)] : 0
  }

  /// What does not add up between the books and a journal that ends with `durable`; nil when everything does.
  func error(durable: UInt64) -> String? {
    let accepted = acceptedBySender.reduce(0, +)
    guard countedThrough == durable else { return "counted through \(countedThrough), the journal ends at \(durable)" }
    let events = countedThrough + 1 - countedFrom
    return accepted + lost == events
      ? nil : "\(accepted) accepted and \(lost) lost are not the \(events) from \(countedFrom)"
  }

  /// As they are kept.
  func record(_ plugins: [String: PluginRecord], _ senders: Names) -> PublisherBooks {
    var books = PublisherBooks(from: countedFrom, through: countedThrough, lost: lost, publishers: [:])
    for (sender, accepted) in acceptedBySender.enumerated() where accepted > 0 {
      books.publishers[senders[UInt16(sender)], default: .init()].accepted = accepted
    }
    for plugin in plugins.values where plugin.duplicates > 0 || !plugin.refused.isEmpty || plugin.isExpected {
      books.publishers[plugin.identity, default: .init()].duplicates = plugin.duplicates
      books.publishers[plugin.identity, default: .init()].refused = plugin.refused
      if plugin.isExpected { books.publishers[plugin.identity, default: .init()].isExpected = true }
    }
    return books
  }

  /// The books when they have changed since they were kept last, a second ago or longer.
  mutating func changes(
    at now: Int64, always: Bool, _ plugins: [String: PluginRecord], _ senders: Names
  ) -> PublisherBooks? {
    guard always || now >= nextKeep else { return nil }
    nextKeep = now + 1_000_000_000
    let books = record(plugins, senders)
    guard books != kept else { return nil }
    kept = books
    return books
  }
}
