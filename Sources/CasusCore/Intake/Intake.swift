internal import CasusEvents
internal import CasusWire
internal import DequeModule

/// What comes in, from the judgement of an event to the disk: inspector, duplicate window, stage, sequences, and the answers
/// that wait for a commit. Nothing else gives a sequence, and nothing else touches the stage.
struct Intake<Inspector: EventInspector, Stage: EventStage>: ~Copyable where Stage.Edition == Inspector.Edition {
  /// An answer that waits until its events are on disk.
  struct Answer {
    /// The highest sequence that it speaks of.
    var through: UInt64
    /// Who is told, unless it has ended: a session that has begun since on the same connection knows no such batch.
    var session: Session
    /// What it gives back of the session's window.
    var windowCost: Int
    /// When its batch was taken in (steady time).
    var begun: Int64
    var published: Published
  }

  /// What became of an event that was taken.
  enum Acceptance {
    case new(UInt64)
    case duplicate(UInt64)
  }

  var inspector: Inspector
  private(set) var stage: Stage
  private(set) var duplicates: DedupWindow
  var owners = Owners()
  /// By the type's number.
  private var rules: [TypeRule] = []
  private var answers: Deque<Answer> = []
  /// A batch was handed out, and nobody has said what became of it.
  private(set) var isCommitting = false
  /// The sequence that the next event gets.
  private(set) var nextSequence: UInt64
  /// The last sequence that is on disk.
  private(set) var durable: UInt64

  init(_ inspector: Inspector, _ stage: Stage, remembering events: Int, durable: UInt64) {
    self.inspector = inspector
    self.stage = stage
    self.durable = durable
    duplicates = DedupWindow(capacity: events)
    nextSequence = durable + 1
  }

  var stagedBytes: Int { stage.stagedBytes }
  var stagedCount: Int { stage.stagedCount }
  /// How strictly the event that was judged last is marked; nil when that could not be read.
  private(set) var lastMarking: TLP?
  /// The id of the event that was judged last, as far as it could be read.
  var lastID: String? { inspector.lastID }
  /// The steps that its schema took.
  var lastSteps: Int { inspector.lastSteps }

  /// Events of a type are judged, and named in the journal, by this edition from now on.
  mutating func adopt(_ edition: Inspector.Edition, for type: UInt16, _ name: String) {
    while rules.count <= Int(type) { rules.append(.plain) }
    rules[Int(type)] = TypeRule(of: name)
    inspector.adopt(edition, for: type)
    stage.adopt(edition, for: type)
  }

  /// Tells the duplicate window of an event that the journal holds.
  mutating func remember(
    _ event: UnsafeRawBufferPointer, sequence: UInt64, flags: StampFlags, _ types: borrowing Names,
    _ registry: borrowing Registry
  ) {
    // One that was accepted under older rules and cannot be read now has no identity that could come again.
    guard let facts = try? inspector.open(event) else { return }
    duplicates.insert(
      DedupWindow.key(source: facts.source, id: facts.id), sequence: sequence, digest: SHA256Digest(of: event),
      marks: flags.marks)
    guard let type = types.find(facts.type), let (key, _, _) = owned(rule(type), facts) else { return }
    inspector.findReferences(in: event)
    // As when it was accepted; whoever is not in the registry, or not any more, may have had any role.
    let isReplay = flags.contains(.replayed)
    let roles = isReplay ? Role.revisers : registry.entry(ofSource: facts.source)?.roles ?? Role.revisers
    noteOwner(key, facts.source, roles, as: sequence)
  }

  private func rule(_ type: UInt16) -> TypeRule { Int(type) < rules.count ? rules[Int(type)] : .plain }

  // MARK: Events

  /// Judges one event of a publisher, and stages it when it is new.
  mutating func accept(
    _ event: UnsafeRawBufferPointer, from session: Session, _ publish: Publish, _ types: borrowing Names,
    _ senders: borrowing Names, at now: Moment
  ) throws(WireError) -> Acceptance {
    let replay = publish.replay
    lastMarking = nil
    let facts = try inspector.open(event)
    lastMarking = facts.tlp
    guard replay || sameBytes(session.source, facts.source) else {
      throw WireError(.sourceForeign, "the source must be //\(session.entry.identity)", pointer: "/source")
    }
    guard let type = types.find(facts.type) else {
      throw WireError(
        .unknownType, "no schema for '\(String(decoding: facts.type.prefix(100), as: UTF8.self))'", pointer: "/type")
    }
    guard session.mayPublish(type, types) else {
      throw WireError(
        .typeNotPermitted, "\(session.entry.identity) may not publish \(types[type])", pointer: "/type")
    }
    guard !facts.exercise || session.entry.roles.contains(.exercise) else {
      throw WireError(.roleRequired, "marking an exercise needs the role exercise", pointer: "/exercise")
    }
    let key =
      replay ? DedupWindow.key(source: facts.source, id: facts.id) : session.sourceKey.key(id: facts.id)
    duplicates.prepare(key)
    try inspector.validate(type: type, name: facts.type)
    let digest = SHA256Digest(of: event)
    if let known = duplicates.find(key, digest) {
      guard known.isSame else {
        throw WireError(
          .idReused, "source and id are those of the event with sequence \(known.sequence), the bytes are not",
          pointer: "/id")
      }
      return .duplicate(known.sequence)
    }
    let claim = Claim(
      facts: facts, rule: rule(type), isReplay: replay, descends: publish.descends, roles: session.entry.roles,
      heard: session.heard)
    var flags = try marks(of: claim, event)
    flags.marking = facts.tlp
    let sequence = try keep(
      type, from: session.sender, flags, publishTime: facts.time ?? now.wall, event, senders, at: now)
    duplicates.insert(key, sequence: sequence, digest: digest, marks: flags.marks)
    if let (key, _, _) = owned(claim.rule, facts) {
      noteOwner(key, facts.source, replay ? Role.revisers : claim.roles, as: sequence)
    }
    return .new(sequence)
  }

  /// Stages an event and gives it its sequence. One that the stage refuses leaves no gap.
  mutating func keep(
    _ type: UInt16, from sender: UInt16, _ flags: StampFlags, publishTime: Timestamp, _ event: UnsafeRawBufferPointer,
    _ senders: borrowing Names, at now: Moment
  ) throws(WireError) -> UInt64 {
    let stamp = RecordStamp(sequence: nextSequence, recorded: now.wall, type: type, sender: sender, flags: flags)
    try stage.stage(stamp, publishTime: publishTime, event: event, senders: senders)
    nextSequence += 1
    return stamp.sequence
  }

  /// An answer that speaks of events that are not on disk yet.
  mutating func wait(_ answer: Answer) {
    assert(answer.through > durable && answer.through < nextSequence)
    answers.append(answer)
  }

  // MARK: Commits

  /// What is staged, to be committed; nil when there is nothing, or a commit is under way.
  mutating func seal() -> Stage.Batch? {
    guard !isCommitting, stage.stagedCount > 0 else { return nil }
    isCommitting = true
    return stage.take()
  }

  /// The batch that was handed out is on disk.
  mutating func committed(_ run: Stage.Run) {
    precondition(isCommitting && run.firstSequence == durable + 1, "a commit that nobody asked for")
    isCommitting = false
    durable = run.lastSequence
  }

  /// The next answer whose events are on disk.
  mutating func nextAnswer() -> Answer? {
    guard let answer = answers.first, answer.through <= durable else { return nil }
    return answers.removeFirst()
  }

  /// The batch that was handed out could not be written, and what was staged behind it would leave a gap: nothing after
  /// `durable` was ever accepted. Returns the answers that cannot be given now.
  mutating func failed() -> [Answer] {
    precondition(isCommitting, "a commit that nobody asked for")
    isCommitting = false
    stage.discard()
    nextSequence = durable + 1
    duplicates.rollBack(after: durable)
    owners.rollBack(after: durable)
    defer { answers = [] }
    return Array(answers)
  }
}
