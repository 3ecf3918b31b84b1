internal import CasusEvents
internal import CasusWire

/// What `ledger` answers: nothing vanishes, and these are the sums that show it.
private struct LedgerAnswer: Encodable {
  struct Publisher: Encodable {
    var publisher: String
    var accepted: UInt64
    var duplicates: Int
    /// By the code's name.
    var refused: [String: Int]
  }

  /// accepted + lost = events.
  struct Journal: Encodable {
    /// The books cover the journal from here to here.
    var from: String
    var through: String
    /// Sequences given since the books began.
    var events: UInt64
    /// The publishers' sum.
    var accepted: UInt64
    /// Lost to damage before they were counted.
    var lost: UInt64
    var addsUp: Bool

    enum CodingKeys: String, CodingKey {
      case from, through, events, accepted, lost
      case addsUp = "adds_up"
    }
  }

  /// matched = acked + pending + quarantined + dropped.
  struct Subscription: Encodable {
    var plugin: String
    var name: String?
    var group: Bool
    var durable: Bool
    var live: Bool
    var members: [String]
    var policy: String
    var matched: UInt64
    var acked: UInt64
    var pending: Int
    var waiting: Int
    var quarantined: UInt64
    var dropped: UInt64
    var addsUp: Bool

    enum CodingKeys: String, CodingKey {
      case plugin, name, group, durable, live, members, policy, matched, acked, pending, waiting, quarantined, dropped
      case addsUp = "adds_up"
    }
  }

  var addsUp: Bool
  var journal: Journal
  var publishers: [Publisher]
  var subscriptions: [Subscription]

  enum CodingKeys: String, CodingKey {
    case journal, publishers, subscriptions
    case addsUp = "adds_up"
  }
}

extension Broker {
  /// `ledger`: what each publisher brought in, and what became of it for each subscription. Role operator or observer.
  mutating func answerLedger(_ request: Request, _ peer: PeerID) {
    let books = books.record(plugins, senders)
    let publishers = books.publishers.sorted { $0.key < $1.key }.map { identity, entry in
      LedgerAnswer.Publisher(
        publisher: identity, accepted: entry.accepted, duplicates: entry.duplicates,
        refused: Dictionary(uniqueKeysWithValues: entry.refused.map { (Self.name(ofCode: $0), $1) }))
    }
    let subscriptions = subscriptionReports.map { report in
      LedgerAnswer.Subscription(
        plugin: report.identity, name: report.name, group: report.isGroup, durable: report.name != nil,
        live: report.isLive, members: report.members.map(\.identity), policy: report.policy.rawValue,
        matched: report.matched, acked: report.acked, pending: report.pending, waiting: report.waiting,
        quarantined: report.quarantined, dropped: report.dropped, addsUp: report.addsUp)
    }
    let journal = LedgerAnswer.Journal(
      from: String(books.from), through: String(books.through), events: books.through + 1 - books.from,
      accepted: publishers.reduce(0) { $0 + $1.accepted }, lost: books.lost, addsUp: bookError == nil)
    let answer = LedgerAnswer(
      addsUp: journal.addsUp && subscriptions.allSatisfy(\.addsUp), journal: journal, publishers: publishers,
      subscriptions: subscriptions)
    // Strings, integers and flags always have a text.
    let result = (try? canonicalJSON(answer)) ?? []
    effects.append(.send(peer, .reply(Reply(id: request.id, result: result))))
  }

  private static func name(ofCode number: Int) -> String { WireErrorCode(rawValue: number)?.name ?? String(number) }
}
