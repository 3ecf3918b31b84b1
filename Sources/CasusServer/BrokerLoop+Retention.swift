internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusNames
internal import SystemFiles
internal import ZeroMQ

/// Removing old segments: on the reading thread, since it waits for the disk; what a durable subscription still needs is
/// announced first.
extension BrokerLoop {
  /// Looks whether something is to be removed; nothing while the last look is not over.
  mutating func retain() {
    guard let policy = retention?.policy, let needs = retention?.begin(broker.needs) else { return }
    let limits = Retention(maxBytes: policy.maxBytes, maxAge: policy.maxAge.map { .seconds($0) }, now: clock.now().wall)
    let names = Dictionary(uniqueKeysWithValues: needs.map { ($0.key.cursorName, $0.value) })
    reader.add { [journal, mailbox] in
      do throws(JournalError) {
        mailbox.post(.pruned(try journal.prune(limits, neededFrom: names), needs))
      } catch {
        mailbox.post(.pruneFailed(error))
      }
    }
  }

  mutating func pruned(_ report: PruneReport, _ needs: [SubscriptionOwner: UInt64]) {
    retention?.ended()
    let now = clock.now()
    if retention?.becomesUncertain(report.isAgeUncertain) == true {
      log.warning(
        "nothing is removed for its age for now: the journal's times leap, so either nothing was recorded for long or the "
          + "clock is or was wrong")
    }
    if !report.removed.isEmpty {
      log.info(
        "removed \(report.removed.count) segments of \(report.removedBytes) bytes: the journal begins with sequence "
          + "\(report.firstSequence)")
      broker.forgot(before: report.firstSequence, at: now)
    }
    let wall = report.isAgeUncertain ? nil : UInt64(max(now.wall.nanoseconds, 0))
    let gone = broker.unregistered
    guard let judgement = retention?.judge(report.held, needs, gone: gone, at: now.steady, wall: wall),
      let policy = retention?.policy
    else { return }
    for owner in judgement.forgotten {
      log.warning("\(owner.cursorName) is forgotten: the registry has not known its plugin for \(policy.gone) s")
      broker.forget(owner, at: now)
    }
    for (owner, range) in judgement.announced {
      let due = policy.cutsNeeded ? now.wall.nanoseconds + Int64(Retention.nanoseconds(policy.grace)) : nil
      let fate =
        policy.cutsNeeded
        ? "they are removed in \(policy.grace) s"
        : "they are kept for it, up to \(policy.heldBytes) bytes and \(policy.heldAge) s"
      log.warning(
        "\(owner.cursorName) has not acknowledged events \(range.lowerBound) to \(range.upperBound), which are beyond the "
          + "limits of retention: \(fate)")
      broker.announceHeld(owner, range, due: due.map { Timestamp(nanoseconds: $0) }, at: now)
    }
    for (owner, range) in judgement.cut { cut(owner, range) }
  }

  mutating func pruneFailed(_ error: JournalError) {
    retention?.ended()
    if error.code == .failed {
      fatal = fatal ?? ServerError(.disk, "the journal failed while old segments were removed: \(error)")
    } else {
      log.warning("old segments cannot be removed: \(error)")
    }
  }

  /// Reads what is to be taken away, so that each event is counted: nothing vanishes, not even by order.
  private func cut(_ owner: SubscriptionOwner, _ range: ClosedRange<UInt64>) {
    reader.add { [journal, mailbox] in
      do throws(JournalError) {
        let reader = try journal.reader(from: range.lowerBound)
        while reader.position <= range.upperBound, let batch = try reader.next() {
          mailbox.post(.cutting(owner, JournalRun(batch), before: range.upperBound + 1))
        }
        mailbox.post(.cut(owner, range))
      } catch {
        mailbox.post(.note("cannot read what is to be removed before \(owner.cursorName) had it: \(error)"))
        mailbox.post(.cut(owner, nil))
      }
    }
  }

  mutating func cutting(_ owner: SubscriptionOwner, _ run: JournalRun, before end: UInt64) {
    retention?.drop(broker.cut(owner, run, before: end, at: clock.now()), of: owner)
  }

  mutating func hasCut(_ owner: SubscriptionOwner, _ range: ClosedRange<UInt64>?) {
    guard let count = retention?.hasCut(owner), let range else { return }
    log.warning(
      "events \(range.lowerBound) to \(range.upperBound) are removed, \(count) of them without an acknowledgement of "
        + owner.cursorName)
    broker.announceCut(owner, range, dropped: count, at: clock.now())
  }
}
