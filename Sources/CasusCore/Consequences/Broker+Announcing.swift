public import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  /// Tells everyone what a plugin has caused, or keeps it to be told with more of its kind.
  mutating func tell(_ notice: Notice, _ act: Act, of identity: String) {
    if consequences.mayTell(act, of: identity, at: now.steady) {
      announce(notice, act, of: identity)
    } else {
      consequences.hold(act, notice, of: identity)
    }
  }

  /// Tells what was kept, as far as it may be told now.
  mutating func tellHeld(all: Bool = false) {
    for due in consequences.takeDue(at: now.steady, all: all) { announce(due.notice, due.act, of: due.identity) }
  }

  /// Stages an event of the bus about itself. Its id is its sequence: unique in the journal as that is.
  mutating func announce(_ notice: Notice, _ act: Act, of identity: String) {
    let announcement = Announcements.Announcement(notice: notice, act: act, identity: identity)
    do throws(WireError) {
      guard let sequence = try stage(notice.payload, notice.marking, about: notice.subject ?? identity) else { return }
      announcements.staged(announcement, as: sequence)
    } catch {
      announcements.postpone(announcement)
      foldExcess()
    }
  }

  /// Nil for one that cannot be written at all.
  private mutating func stage<P: Payload>(
    _ payload: P, _ marking: TLP, about subject: String
  ) throws(WireError) -> UInt64? {
    let draft = Draft(
      payload, id: "bus-\(intake.nextSequence)", subject: subject, time: now.wall, tlp: marking,
      exercise: options.exercise)
    guard let bytes = try? draft.encoded(source: "//\(options.identity)"), let type = types.intern(P.type.rawValue)
    else {
      effects.append(.note("an event of \(P.type) about \(subject) could not be written"))
      return nil
    }
    var flags: StampFlags = options.exercise ? .exercise : []
    flags.marking = draft.tlp
    return try bytes.withUnsafeBufferPointer { bytes throws(WireError) in
      try intake.keep(
        type, from: ownSender, flags, publishTime: now.wall, UnsafeRawBufferPointer(bytes), senders, at: now)
    }
  }

  /// The wall clock jumped.
  public mutating func clockStepped(from before: Timestamp, to after: Timestamp, at now: Moment) {
    self.now = now
    tell(.clock(BusClock(before: before, after: after)), .clock, of: options.identity)
  }

  /// Files of the registry were set aside, or are good again.
  public mutating func registryChanged(_ changes: [BusRegistry], at now: Moment) {
    self.now = now
    for change in changes { tell(.registry(change), .registry, of: options.identity) }
  }

  /// The commit failed, and what was staged is gone.
  mutating func loseAnnouncements() {
    announcements.lost()
    foldExcess()
  }

  /// What is too much to keep one by one is told together.
  private mutating func foldExcess() {
    while let oldest = announcements.takeExcess() {
      consequences.hold(oldest.act, oldest.notice, of: oldest.identity)
    }
  }

  /// Stages again what found no room.
  mutating func announcePostponed() {
    for old in announcements.takePostponed() { announce(old.notice, old.act, of: old.identity) }
  }

  /// The broker ends: what found no room until now is not told.
  mutating func giveUpAnnouncements() {
    let count = announcements.takePostponed().count
    if count > 0 { effects.append(.note("\(count) events of the bus about itself found no room and are not told")) }
  }
}
