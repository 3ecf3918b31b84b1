internal import CasusEvents
internal import CasusWire

/// What an event inherits from those that it names, and whose place it may take.
extension Intake {
  /// What the broker has to know of an event and its publisher for that.
  struct Claim {
    var facts: EventFacts
    var rule: TypeRule
    /// It comes from a capture.
    var isReplay: Bool
    /// Its publisher says that it rests on replayed events.
    var descends: Bool
    var roles: Set<Role>
    /// The marks of what its publisher was delivered.
    var heard: StampFlags

    /// Whether the one who publishes may take the place of what `owner` has published.
    ///
    /// A capture's events were let through by the broker that took them first; what no registry allows is refused here, too.
    func mayReplace(_ owner: some Collection<UInt8>) -> Bool {
      switch Succession(of: facts.source, to: owner) {
      case .own: return true
      case .agency where isReplay || roles.contains(.revise): return true
      default:
        guard case .owned(.caseFile) = rule else { return false }
        return isReplay || roles.contains(.recorder)
      }
    }
  }

  /// The marks of a new event's stamp. Whether it is an exercise's stands in its bytes, which only its publisher can change; that it
  /// descends from a replay stands in the stamp, whether its publisher knows what it names or not.
  ///
  /// Errors: `foreign-revision`, `unmarked`.
  mutating func marks(of claim: Claim, _ event: UnsafeRawBufferPointer) throws(WireError) -> StampFlags {
    var marks: StampFlags = claim.facts.exercise ? .exercise : []
    if claim.isReplay { marks.insert(.replayed) }
    if claim.descends { marks.insert(.descends) }
    try checkOwner(claim)
    inspector.findReferences(in: event)
    var isKnown = !inspector.references.isEmpty
    for reference in inspector.references {
      if reference.isReplaced, !claim.mayReplace(reference.source) {
        throw refusal(.foreignRevision, reference, "only its own publisher takes the place of an event of")
      }
      guard let named = duplicates.marks(of: DedupWindow.key(source: reference.source, id: reference.id)) else {
        isKnown = false
        continue
      }
      if named.contains(.exercise), !marks.contains(.exercise) {
        throw refusal(.unmarked, reference, "exercise is not set, and this rests on an exercise's event of")
      }
      if named.isReplay, !marks.isReplay { marks.insert(.descends) }
    }
    // Who names nothing that can be looked up is taken at what he was given to read.
    if !isKnown, claim.rule.isJudgedByHearing,
      claim.heard.contains(.exercise) && !marks.contains(.exercise)
        || claim.heard.isReplay && !marks.isReplay
    {
      marks.insert(.descends)
    }
    return marks
  }

  /// Whose the event's case or incident is.
  private func checkOwner(_ claim: Claim) throws(WireError) {
    guard let (key, member, name) = owned(claim.rule, claim.facts), let owner = owners.source(of: key),
      !claim.mayReplace(owner), !owners.mayOwn(key, claim.facts.source)
    else { return }
    throw WireError(
      .foreignRevision,
      "\(member) '\(String(decoding: name.prefix(100), as: UTF8.self))' is \(String(decoding: owner, as: UTF8.self))'s",
      pointer: "/data/\(member)")
  }

  /// Notes whose the name is that the event opened last stands for. Known once its references are found: one that takes the place of
  /// another's says nothing of it, and one in a chain that whoever revises others' may have begun there says that it may be its own.
  mutating func noteOwner(
    _ key: DedupWindow.Key, _ source: UnsafeBufferPointer<UInt8>, _ roles: Set<Role>, as sequence: UInt64
  ) {
    var isFirst = true
    for reference in inspector.references where reference.isReplaced {
      guard Succession(of: source, to: reference.source) == .own else { return }
      isFirst = roles.isDisjoint(with: Role.revisers)
    }
    if isFirst {
      owners.claim(key, by: source, sequence: sequence)
    } else {
      owners.presume(key, of: source, sequence: sequence)
    }
  }

  /// What the event stands for, if its type's events stand for something that has an owner.
  func owned(
    _ rule: TypeRule, _ facts: EventFacts
  ) -> (key: DedupWindow.Key, member: StaticString, name: UnsafeBufferPointer<UInt8>)? {
    guard case .owned(let owned) = rule, let name = inspector.text(owned.member) else { return nil }
    return (DedupWindow.key(source: facts.type, id: name), owned.member, name)
  }

  private func refusal(_ code: WireErrorCode, _ reference: ReferenceFacts, _ words: String) -> WireError {
    WireError(
      code, "\(words) \(String(decoding: reference.source.prefix(200), as: UTF8.self))",
      pointer: inspector.pointer(to: reference))
  }
}

extension TypeRule {
  fileprivate var isJudgedByHearing: Bool { if case .signed = self { false } else { true } }
}
