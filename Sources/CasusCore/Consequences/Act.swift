internal import CasusWire

/// What a plugin can make the broker do beside what the bus is for. Accepted events (as far as judging them takes no more than
/// `freeSteps`), repeats of accepted ones, deliveries, and the acknowledgements and credit for these are free; everything else
/// stands in this table, and nowhere else.
///
/// Each line is bounded for one identity, over all its connections and subscriptions, in three ways:
///
///     points      what one costs of the fault budget (`Limits.faultsAtOnce`): who spends more than that is cut off
///     events      of the bus about it in the journal: `burst` at once, and `perSecond` more each second
///     rest        what becomes of what is beyond these events; all of it is counted
enum Act: Int, CaseIterable, Sendable {
  /// An event that was refused.
  case event
  /// Steps of validation beyond those that an event of its size has for nothing, accepted or not.
  case validation
  /// A message that is no command, or a command that was refused. Only what was not permitted is told.
  case message
  /// A command that was carried out and that no delivery called for: a ping, credit without end.
  case command
  /// A question to the broker.
  case request
  /// A session asked for, given or not: a connection and a handshake stand behind it. One that is given is told when it begins
  /// and when it ends.
  case session
  /// A new durable subscription: its first position is written to the disk before it is confirmed.
  case subscription
  /// A thousand waiting events looked at, to give back those of a session that ended.
  case scan
  /// An event in quarantine: it is kept until a person looks.
  case quarantine
  /// A subscriber that falls behind, or loses events by its own overload policy.
  case lag
  /// Events that retention keeps for a subscription, or takes away from it.
  case retention
  /// A schema that was brought: compiled and judged, and when it is in force written to the disk and told.
  case schema
  /// A jump of the wall clock. No plugin has caused it, and none pays for it: it stands for the bus itself.
  case clock
  /// A file of the registry that is wrong, or good again. Its operator's, and likewise nobody pays for it.
  case registry

  /// What becomes of what is not told at once.
  enum Rest: Equatable {
    /// Nothing is written for one of them; the event that tells of the cut-off says how many there were.
    case cutOff
    /// One event says how many there were, and from where to where.
    case together
    /// The act itself is refused.
    case refused(WireErrorCode)
    /// It is told later, as things stand then.
    case newest
  }

  struct Terms {
    /// What one costs beside a refused event, which is a few microseconds.
    let points: Int
    let burst: Int
    let perSecond: Int
    let rest: Rest
    /// For the text of a cut-off.
    let text: String
  }

  var terms: Terms { Self.table[rawValue] }

  private static let table: [Terms] = allCases.map { act in
    switch act {
    case .event: Terms(points: 1, burst: 20, perSecond: 10, rest: .together, text: "refused events")
    case .validation:
      Terms(points: 1, burst: 0, perSecond: 0, rest: .cutOff, text: "units of \(Act.stepsPerUnit) steps of validation")
    case .message: Terms(points: 4, burst: 20, perSecond: 10, rest: .together, text: "refused messages")
    case .command: Terms(points: 4, burst: 0, perSecond: 0, rest: .cutOff, text: "commands that nothing called for")
    case .request: Terms(points: 20, burst: 0, perSecond: 0, rest: .cutOff, text: "requests")
    case .session: Terms(points: 200, burst: 50, perSecond: 10, rest: .refused(.busy), text: "sessions")
    case .subscription: Terms(points: 200, burst: 0, perSecond: 0, rest: .cutOff, text: "new durable subscriptions")
    case .scan: Terms(points: 1, burst: 0, perSecond: 0, rest: .cutOff, text: "looks at what waits")
    case .quarantine: Terms(points: 4, burst: 20, perSecond: 10, rest: .together, text: "events put into quarantine")
    case .lag: Terms(points: 4, burst: 20, perSecond: 10, rest: .newest, text: "reports of lagging")
    case .retention: Terms(points: 4, burst: 20, perSecond: 10, rest: .together, text: "reports of retention")
    case .schema: Terms(points: 200, burst: 20, perSecond: 10, rest: .together, text: "schemas")
    case .clock: Terms(points: 0, burst: 1, perSecond: 1, rest: .together, text: "jumps of the clock")
    case .registry: Terms(points: 0, burst: 20, perSecond: 10, rest: .together, text: "changes of registry files")
    }
  }

  /// Steps of validation in one `validation`: a few microseconds, as a refused event takes.
  static let stepsPerUnit = 200
  /// Steps that an event of so many bytes has for nothing: what the vocabulary's own take several times over.
  static func freeSteps(_ bytes: Int) -> Int { 256 + bytes / 4 }
  /// Bytes of a message that brought nothing for one point more: it had to be taken in and read.
  static let bytesPerPoint = 1_024
  /// Messages without a batch that may wait behind a batch of the same client beyond what deliveries call for.
  static let commandsUnasked = 1_024
  /// Waiting events that one `scan` looks at.
  static let eventsPerScan = 1_024
  /// Events that all subscriptions of one identity may have in quarantine.
  static let mostQuarantined = 10_000
  /// Milliseconds before an event is tried again that quarantine has no room for.
  static let pauseWithoutRoom = 60_000
  /// Events of one kind about one identity that wait to be told; more of them are told by one event, whatever they are about.
  static let mostHeld = 64
}

/// Acknowledgements and credit that what a session was delivered calls for, and that it has not sent yet: these are free. Each
/// event may be answered alone, and asked for alone.
struct FreeAnswers {
  private(set) var count = 16

  /// A subscriber that answers nothing, as one without a name, must not save up for a flood.
  private static let most = 1 << 18

  mutating func delivered(_ events: Int) { count = min(Self.most, count + 2 * events) }

  /// False when there are not so many; then they are charged.
  mutating func take(_ answers: Int) -> Bool {
    guard count >= answers else { return false }
    count -= answers
    return true
  }
}
