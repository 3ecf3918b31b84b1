internal import CasusWire

/// What plugins have caused beside what the bus is for: what each has spent, what was told of it, what waits to be told, and who
/// is shut out for it. The rules are those of `Act`.
///
/// An owned value without a clock: `now` is steady time in nanoseconds and never goes back. Everything is counted by identity,
/// plugin or group, and not by connection, so that a new connection buys nothing. It costs a look into a dictionary for each
/// act, and holds at most `Act.mostHeld` notices of a kind for each identity.
struct Consequences {
  private struct Held {
    var act: Act
    var notice: Notice
  }

  private struct Account {
    var budget = FaultBudget()
    /// By act: when as many as ever may be told at once again.
    var wholeAt = [Int64](repeating: .min, count: Act.allCases.count)
    /// What is not told yet, the oldest first.
    var held: [Held] = []
    /// Events in quarantine.
    var quarantined = 0

    mutating func pay(_ act: Act, at now: Int64) -> Bool {
      let terms = act.terms
      guard terms.burst > 0 else { return false }
      let each = 1_000_000_000 / Int64(terms.perSecond)
      let whole = max(wholeAt[act.rawValue], now)
      guard whole - now <= Int64(terms.burst - 1) * each else { return false }
      wholeAt[act.rawValue] = whole + each
      return true
    }

    mutating func hold(_ new: Held) {
      var alike = 0
      var last: Int?
      for place in held.indices where held[place].act == new.act {
        if held[place].notice.fold(new.notice, whatever: false) { return }
        alike += 1
        last = place
      }
      // So many different ones at a time are told by one event.
      if alike >= Act.mostHeld, let last, held[last].notice.fold(new.notice, whatever: true) { return }
      held.append(new)
    }
  }

  private var accounts: [String: Account] = [:]
  /// Those about whom something is held back.
  private var holders: Set<String> = []
  private let limits: Limits

  init(_ limits: Limits) { self.limits = limits }

  // MARK: The budget

  /// Charges for what one has done. Gives back the cut-off when that was more than there was left.
  ///
  /// - Parameter bytes: of a message that brought nothing.
  mutating func charge(
    _ act: Act, count: Int = 1, bytes: Int = 0, to identity: String, at now: Int64
  ) -> FaultCut? {
    guard !accounts[identity, default: Account()].budget.charge(act, count: count, bytes: bytes, at: now, limits) else {
      return nil
    }
    return accounts[identity]?.budget.cutOff(at: now, limits)
  }

  /// Points that one has spent and that have not come back.
  func spent(by identity: String, at now: Int64) -> Int { accounts[identity]?.budget.spent(at: now, limits) ?? 0 }

  // MARK: Telling

  /// Whether one more may be told of at once; then it counts as told.
  mutating func mayTell(_ act: Act, of identity: String, at now: Int64) -> Bool {
    // One that comes later is not told before one that waits.
    guard accounts[identity]?.held.contains(where: { $0.act == act }) != true else { return false }
    return accounts[identity, default: Account()].pay(act, at: now)
  }

  /// Keeps what may not be told now, together with what it is like.
  mutating func hold(_ act: Act, _ notice: Notice, of identity: String) {
    holders.insert(identity)
    accounts[identity, default: Account()].hold(Held(act: act, notice: notice))
  }

  /// What may be told of what was held back.
  ///
  /// - Parameter all: at the end, when there is no later.
  mutating func takeDue(at now: Int64, all: Bool = false) -> [(act: Act, identity: String, notice: Notice)] {
    guard !holders.isEmpty else { return [] }
    var due: [(act: Act, identity: String, notice: Notice)] = []
    for identity in holders.sorted() {
      guard var account = accounts[identity] else { continue }
      var kept: [Held] = []
      for held in account.held {
        if all || account.pay(held.act, at: now) {
          due.append((held.act, identity, held.notice))
        } else {
          kept.append(held)
        }
      }
      account.held = kept
      accounts[identity] = account
      if kept.isEmpty { holders.remove(identity) }
    }
    return due
  }

  // MARK: Quarantine

  /// Whether one of its subscriptions may put one more event into quarantine.
  func hasRoom(of identity: String) -> Bool { quarantined(of: identity) < Act.mostQuarantined }

  /// Events in the quarantines of all its subscriptions.
  func quarantined(of identity: String) -> Int { accounts[identity]?.quarantined ?? 0 }

  /// So many more are in quarantine, or fewer.
  mutating func quarantine(_ change: Int, of identity: String) {
    accounts[identity, default: Account()].quarantined += change
    assert(quarantined(of: identity) >= 0)
  }
}
