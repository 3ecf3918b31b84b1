internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusWire
internal import SystemFiles

/// Reads the journal for the loop, on the reading thread; what it finds comes back as news.
struct HistoryReader: Sendable {
  let journal: FileJournal
  let mailbox: Mailbox<[BrokerLoop.News]>
  let worker: Worker

  /// The commit that holds a sequence.
  func read(_ key: SubscriptionKey, from sequence: UInt64) {
    worker.add { [journal, mailbox] in
      do throws(JournalError) {
        let batch = try journal.reader(from: sequence).next()
        mailbox.post(.history(key, from: sequence, batch.map { JournalRun($0) }))
      } catch {
        mailbox.post(.note("cannot read from sequence \(sequence): \(error)"))
        mailbox.post(.history(key, from: sequence, nil))
      }
    }
  }

  /// The first event of a time.
  func locate(_ key: SubscriptionKey, _ time: Timestamp) {
    worker.add { [journal, mailbox] in
      do throws(JournalError) {
        mailbox.post(.located(key, try journal.sequence(at: time)))
      } catch {
        mailbox.post(.note("cannot find the first event of \(time.rfc3339): \(error)"))
        mailbox.post(.located(key, journal.lastSequence + 1))
      }
    }
  }

  /// A quarantined event, as far as whoever asks may read it.
  func show(
    _ request: Request, _ event: QuarantinedEvent, _ owner: SubscriptionOwner, _ clearance: TLP, to peer: PeerID
  ) {
    worker.add { [journal, mailbox] in
      let reply: BrokerReply
      do throws(JournalError) {
        let batch = try journal.reader(from: event.sequence).next()
        // A record is a look into its batch, which nobody else holds.
        reply = withExtendedLifetime(batch) { Self.shown(request, event, owner, clearance, batch?.first) }
      } catch {
        reply = .refusal(of: request, .internal, "the journal cannot be read: \(error)")
      }
      mailbox.post(.reply(peer, reply))
    }
  }

  private static func shown(
    _ request: Request, _ event: QuarantinedEvent, _ owner: SubscriptionOwner, _ clearance: TLP,
    _ record: CommittedBatch.Element?
  ) -> BrokerReply {
    guard let record, record.sequence == event.sequence else {
      return .refusal(of: request, .sequenceGone, "the journal no longer has event \(event.sequence)")
    }
    guard record.flags.marking ?? .red <= clearance else {
      return .refusal(
        of: request, .roleRequired, "event \(event.sequence) is marked above your clearance, \(clearance.rawValue)")
    }
    let entry = QuarantineAnswer.Entry(
      plugin: owner.identity, subscription: owner.name, sequence: event.sequence, type: event.type,
      attempts: event.attempts, reason: event.reason, time: event.time)
    let answer = QuarantinedEventAnswer(entry, recorded: record.recorded, event: Array(record.event))
    // Strings, integers and times always have a text.
    return .reply(Reply(id: request.id, result: (try? canonicalJSON(answer)) ?? []))
  }
}
