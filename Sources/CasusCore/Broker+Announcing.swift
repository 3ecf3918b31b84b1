internal import CasusEvents
internal import CasusWire
internal import DequeModule

/// An event of the bus about itself that is not on disk yet.
struct Announcement {
  var sequence: UInt64
  var payload: any Payload
  var subject: String
}

extension Broker {
  /// Stages an event of the bus about itself. Its id is its sequence: unique in the journal as that is.
  /// One that cannot be staged, or whose commit fails, is staged again: what the bus has to tell does not vanish with a full
  /// disk.
  mutating func announce<P: Payload>(_ payload: P, about subject: String) {
    let draft = Draft(
      payload, id: "bus-\(nextSequence)", subject: subject, time: now.wall, tlp: .amber, exercise: options.exercise)
    guard let bytes = try? draft.encoded(source: "//\(options.identity)"), let type = types.intern(P.type.rawValue)
    else {
      effects.append(.note("an event of \(P.type) about \(subject) could not be written"))
      return
    }
    var flags: StampFlags = options.exercise ? .exercise : []
    flags.marking = draft.tlp
    do throws(WireError) {
      let sequence = try bytes.withUnsafeBufferPointer { bytes throws(WireError) in
        try keep(type, from: ownSender, flags, publishTime: now.wall, event: UnsafeRawBufferPointer(bytes))
      }
      unkept.append(Announcement(sequence: sequence, payload: payload, subject: subject))
    } catch {
      postpone([Announcement(sequence: nextSequence, payload: payload, subject: subject)])
    }
  }

  /// Everything up to `durable` is on disk.
  mutating func keptAnnouncements() {
    while let first = unkept.first, first.sequence <= durable { unkept.removeFirst() }
  }

  /// The commit failed, and what was staged is gone. With the next tick is early enough: a disk that stays full must not be
  /// tried without a pause.
  mutating func loseAnnouncements() {
    let lost = unkept
    unkept.removeAll()
    postpone(lost)
  }

  private mutating func postpone(_ announcements: Deque<Announcement>) {
    postponed += announcements
    let excess = postponed.count - Self.mostPostponed
    guard excess > 0 else { return }
    postponed.removeFirst(excess)
    effects.append(.note("\(excess) events of the bus about itself found no room and are not told"))
  }

  /// Stages again what found no room.
  mutating func announcePostponed() {
    guard !postponed.isEmpty else { return }
    let waiting = postponed
    postponed.removeAll()
    for announcement in waiting { announce(announcement.payload, about: announcement.subject) }
  }

  /// The broker ends: what found no room until now is not told.
  mutating func giveUpAnnouncements() {
    guard !postponed.isEmpty else { return }
    effects.append(.note("\(postponed.count) events of the bus about itself found no room and are not told"))
    postponed.removeAll()
  }

  private static var mostPostponed: Int { 1_000 }
}
