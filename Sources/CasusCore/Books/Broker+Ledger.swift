internal import CasusEvents
internal import CasusWire

extension Broker {
  /// `ledger`: what each publisher brought in, and what became of it for each subscription. Role operator or observer.
  mutating func answerLedger(_ request: Request, _ peer: PeerID) {
    let books = books.record(plugins, senders)
    let publishers = books.publishers.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { identity, entry in
      LedgerAnswer.Publisher(
        publisher: identity, accepted: entry.accepted, duplicates: entry.duplicates,
        refused: Dictionary(uniqueKeysWithValues: entry.refused.map { (Self.name(ofCode: $0), $1) }))
    }
    let subscriptions = subscriptionReports.map { (report: SubscriptionReport) -> LedgerAnswer.Subscription in
      var answer = LedgerAnswer.Subscription(
        plugin: report.identity, name: report.name, group: report.isGroup, live: report.isLive,
        members: report.members.map(\.identity), policy: report.policy.rawValue)
      answer.matched = report.matched
      answer.acked = report.acked
      answer.pending = report.pending
      answer.waiting = report.waiting
      answer.quarantined = report.quarantined
      answer.dropped = report.dropped
      answer.addsUp = report.addsUp
      return answer
    }
    let journal = LedgerAnswer.Journal(
      from: books.from, through: books.through, accepted: publishers.reduce(0) { $0 + $1.accepted }, lost: books.lost,
      addsUp: bookError == nil)
    let answer = LedgerAnswer(journal: journal, publishers: publishers, subscriptions: subscriptions)
    // Strings, integers and flags always have a text.
    let result = (try? canonicalJSON(answer)) ?? []
    effects.append(.send(peer, .reply(Reply(id: request.id, result: result))))
  }

  private static func name(ofCode number: Int) -> String { WireErrorCode(rawValue: number)?.name ?? String(number) }
}
