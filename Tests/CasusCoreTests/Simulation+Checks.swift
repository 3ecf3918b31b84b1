import CasusEvents
import CasusWire

@testable import CasusCore

extension Simulation {
  /// At each delivery: order, clearance, and that the group gives an event to one member at a time.
  func delivered(_ records: [BenchRecord], to peer: PeerID) {
    guard let subscriber = owners[peer] else { return }
    for record in records {
      let sequence = record.stamp.sequence
      if record.stamp.flags.marking ?? .red > subscriber.clearance {
        violations.append("\(subscriber.name) was sent \(sequence), which it may not read")
      }
      if subscriber.name == "y", let tried = tries.sent(sequence, most: subscriber.maxAttempts) {
        violations.append("y was sent \(sequence) for the \(tried). time")
      }
      if subscriber.group == nil, !record.isAgain {
        if sequence <= subscriber.newest, peer == subscriber.peer {
          violations.append("\(subscriber.name) was sent \(sequence) after \(subscriber.newest)")
        }
        subscriber.newest = max(subscriber.newest, sequence)
      }
      guard subscriber.group != nil else { continue }
      if let holder = groupHolders[sequence], holder.peer != peer, holder.until > bus.steady,
        bus.broker.sessions[holder.peer] != nil
      {
        violations.append("\(subscriber.name) was sent \(sequence), which another member has")
      }
      groupHolders[sequence] = (peer, bus.steady + 1_000_000_000)
    }
  }

  func checkLedger() {
    for report in bus.broker.subscriptionReports where !report.addsUp {
      violations.append("the ledger does not add up: \(report)")
    }
    if let error = bus.broker.bookError { violations.append("the books do not add up: \(error)") }
    for error in bus.lagErrors { violations.append(error) }
  }

  /// The promises, when everything is calm.
  func check() {
    let sequences = bus.journal.map(\.stamp.sequence)
    if sequences != (0..<UInt64(sequences.count)).map({ $0 + 1 }) { violations.append("the sequences have gaps") }
    let texts = bus.journal.filter { $0.type.hasPrefix("t.") }.map { String(decoding: $0.bytes, as: UTF8.self) }
    let places = Dictionary(texts.enumerated().map { ($1, $0) }) { first, _ in first }
    if places.count != texts.count { violations.append("an event is in the journal twice") }
    for publisher in publishers {
      for event in publisher.acknowledged where places[event] == nil {
        violations.append("\(event) was acknowledged and is not in the journal")
      }
      let own = checkOrder(publisher.name, texts)
      let accepted = bus.broker.published(by: "jp.test/\(publisher.name)") + bus.broker.books.lost
      if accepted < UInt64(own.count) {
        violations.append("\(accepted) of \(own.count) are in \(publisher.name)'s books")
      }
    }
    checkLedger()
    checkBounds()
    for subscriber in subscribers { check(subscriber) }
    check(plugin, places)
  }

  /// The events of one in the journal, in the order of publishing.
  @discardableResult func checkOrder(_ name: String, _ texts: [String]) -> [String] {
    let own = texts.filter { $0.hasSuffix("@//jp.test/\(name)") }
    let numbers = own.compactMap { Int($0.dropFirst(name.count).prefix { ("0"..."9").contains($0) }) }
    if numbers != numbers.sorted() { violations.append("\(name)'s events are out of order: \(numbers)") }
    return own
  }

  private func check(_ subscriber: SimulatedSubscriber) {
    let patterns = subscriber.types.compactMap { TypePattern($0) }
    let all = bus.journal.filter { record in patterns.contains { $0.matches(record.type) } }
    guard let report = bus.report(of: subscriber.identity) else {
      violations.append("\(subscriber.name) has no books")
      return
    }
    guard subscriber.isDurable else {
      process(subscriber)
      let began = subscriber.began ?? .max
      let due = all.filter { $0.stamp.sequence >= began }.count
      if !subscriber.isUncertain, subscriber.received + subscriber.told != due {
        violations.append("\(subscriber.name): \(subscriber.received) sent and \(subscriber.told) told are not \(due)")
      }
      return
    }
    let sharers = subscribers.filter { $0.identity == subscriber.identity }
    let start = sharers.map(\.start).max() ?? 1
    let matching = all.filter { $0.stamp.sequence >= start }
    if report.matched != UInt64(matching.count) {
      violations.append("\(subscriber.identity) matched \(report.matched) of \(matching.count)")
    }
    let quarantined = bus.broker.subscriptions.all.first { $0.identity == subscriber.identity }?.quarantine.events ?? []
    let waiting = Set(quarantined.map(\.sequence))
    let missing = matching.filter { record in
      let sequence = record.stamp.sequence
      return !waiting.contains(sequence)
        && !sharers.contains { $0.processed.contains(sequence) || $0.excused.contains(sequence) }
    }
    let allowed = subscriber.overload.policy == .dropOldest ? Int(report.dropped) : 0
    if missing.count > allowed {
      violations.append(
        "\(subscriber.identity) never processed \(missing.prefix(3).map(\.stamp.sequence)), \(missing.count) in all")
    }
  }
}
