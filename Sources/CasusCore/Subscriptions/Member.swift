internal import CasusEvents
internal import CasusWire

/// One session's part in a subscription: where its events go, and how many it wants. A durable subscription has one at
/// most, a group as many as joined it.
struct Member {
  /// Unique in the subscription, never 0 and never used again.
  let number: UInt32
  let peer: PeerID
  /// The session's own number of the subscription.
  let subscription: Int
  /// What is remembered of its plugin.
  let record: PluginRecord
  let wantsProgress: Bool
  /// What its plugin may read.
  var clearance: ClearanceLevel
  var creditEvents = 0
  var creditBytes = 0
  /// The shell cannot send to it at the moment.
  var isHeldUp = false
  /// It knows where the subscription begins.
  var isConfirmed = false
  var toldProgress: UInt64 = 0
  var firsts = FirstDeliveries()

  /// What the look that is going on has chosen for it, as places in the run.
  var selected = Selection()
  var selectedBytes = 0
  /// The marks of what was chosen.
  var selectedMarks: StampFlags = []

  var identity: String { record.identity }
  var hasCredit: Bool { creditEvents > 0 && creditBytes > 0 && !isHeldUp }
}
