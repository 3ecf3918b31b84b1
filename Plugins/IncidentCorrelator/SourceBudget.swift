/// How much one source may make the correlator publish, so that a flood of findings does not become a flood of incidents, and
/// these one of assessments.
///
/// Counted in events, never in time: a replay repeats itself. A source may cause so many publications at once, and beyond
/// these twice the square root of the events that it has sent: 20,000 events of one source make some 400 publications at most.
/// What is beyond is not lost: findings that stand alone are folded into one incident, revisions wait until the source
/// has sent more, until another source adds to the incident, or until a case is opened on it.
///
/// So many sources have accounts of their own; those that come after share one. Live ones are as many as the registry names;
/// those of a capture that somebody plays again are as many as he likes.
struct SourceBudget: Codable, Sendable {
  private struct Account: Codable, Sendable {
    var events = 0
    var published = 0
    /// Events folded into one incident.
    var folded = 0
    /// The group that they are folded into.
    var fold: Int?
    /// Groups with something to say, the oldest first.
    var waiting: [Int] = []
  }

  static let mostAccounts = 4096
  /// Whose account those have who have none: nobody's name.
  static let others = ""

  private var accounts: [String: Account] = [:]

  var count: Int { accounts.count }

  /// Whose account a source's is.
  func holder(_ source: String) -> String {
    accounts[source] != nil || accounts.count < Self.mostAccounts ? source : Self.others
  }

  mutating func count(_ source: String) { accounts[holder(source), default: Account()].events += 1 }

  func allows(_ source: String, _ policy: CorrelatorSettings) -> Bool {
    let account = accounts[holder(source)] ?? Account()
    let beyond = account.published - policy.sourcePublications
    return beyond < 0 || beyond * beyond < 4 * account.events
  }

  mutating func spend(_ source: String) { accounts[holder(source), default: Account()].published += 1 }

  // MARK: What waits

  mutating func wait(_ group: Int, of source: String) {
    let holder = holder(source)
    if accounts[holder]?.waiting.contains(group) != true { accounts[holder, default: Account()].waiting.append(group) }
  }

  /// The group of a source that waits longest; it waits no more.
  mutating func nextWaiting(of source: String) -> Int? {
    let holder = holder(source)
    guard accounts[holder]?.waiting.isEmpty == false else { return nil }
    return accounts[holder]?.waiting.removeFirst()
  }

  // MARK: What is folded

  func fold(of source: String) -> Int? { accounts[holder(source)]?.fold }

  mutating func begin(_ fold: Int, of source: String) { accounts[holder(source), default: Account()].fold = fold }

  mutating func folded(_ events: Int, of source: String) {
    accounts[holder(source), default: Account()].folded += events
  }

  /// For the plugin's health; nil while nobody is held back. Costs a look at each source.
  func note(_ policy: CorrelatorSettings) -> String? {
    let held = accounts.filter { !allows($0.key, policy) && ($0.value.folded > 0 || !$0.value.waiting.isEmpty) }
    guard let worst = held.max(by: { ($0.value.folded, $1.key) < ($1.value.folded, $0.key) }) else { return nil }
    let folded = held.values.reduce(0) { $0 + $1.folded }
    let waiting = held.values.reduce(0) { $0 + $1.waiting.count }
    return "\(folded) events of \(held.count) sources folded, \(waiting) incidents wait; most by "
      + (worst.key == Self.others ? "those beyond \(Self.mostAccounts) sources" : worst.key)
  }
}
