/// All subscriptions, those too whose plugin is away. Nothing else gives a key.
struct Subscriptions<Run: EventRun> {
  typealias State = SubscriptionState<Run>

  private var byKey: [SubscriptionKey: State] = [:]
  /// By rising key: a dictionary's own order changes from process to process, and the same input shall have the same effects, so
  /// that a simulator's run can be run again.
  private(set) var all: [State] = []
  private var durables: [String: SubscriptionKey] = [:]
  private var nextKey = 1
  /// Whose position is kept next, as a place in `all`.
  private var nextKept = 0

  var count: Int { all.count }

  subscript(key: SubscriptionKey) -> State? { byKey[key] }

  /// The durable one of this name, held by a session or not.
  func durable(_ identity: String, _ name: String) -> State? {
    durables["\(identity)#\(name)"].flatMap { byKey[$0] }
  }

  func durableCount(of identity: String) -> Int {
    all.reduce(0) { $0 + ($1.isDurable && $1.identity == identity ? 1 : 0) }
  }

  mutating func newKey() -> SubscriptionKey {
    defer { nextKey += 1 }
    return SubscriptionKey(number: nextKey)
  }

  /// A new one, or one that takes the place of another with its key.
  mutating func add(_ state: State) {
    // A new one has the highest key so far.
    if byKey.updateValue(state, forKey: state.key) == nil {
      all.append(state)
    } else {
      all[place(of: state.key)] = state
    }
    if let name = state.cursorName { durables[name] = state.key }
  }

  /// False when it is not there any more.
  mutating func remove(_ state: State) -> Bool {
    guard byKey.removeValue(forKey: state.key) != nil else { return false }
    all.remove(at: place(of: state.key))
    if let name = state.cursorName { durables[name] = nil }
    return true
  }

  private func place(of key: SubscriptionKey) -> Int { all.firstPlace { $0.key.number < key.number } }

  /// The positions that have changed, as many as there is time for; the others come first the next time.
  ///
  /// - Parameter most: pending events that are looked at.
  mutating func takeChanged(most: Int) -> [(name: String, record: CursorRecord)] {
    var changed: [(name: String, record: CursorRecord)] = []
    var looked = 0
    for step in all.indices {
      let place = (nextKept + step) % all.count
      let state = all[place]
      guard state.isDirty, let name = state.cursorName, let record = state.record else { continue }
      state.isDirty = false
      changed.append((name, record))
      looked += state.pending.count
      guard looked < most else {
        nextKept = place + 1
        break
      }
    }
    return changed
  }
}
