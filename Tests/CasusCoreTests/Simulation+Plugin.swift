import CasusEvents
import CasusPlugin
import CasusWire
import SeededRandom

@testable import CasusCore

extension Simulation {
  /// Something happens to the plugin with the SDK.
  func drive(_ plugin: SimulatedPlugin) {
    plugin.pass(to: bus.steady)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25 where plugin.calls.count < 12:
      plugin.publish(
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
          plugin.next += 1
          let type = random.chance(30) ? "t.two" : "t.one"
          let mark = random.chance(10) ? "^red" : random.chance(4) ? "^full" : ""
          return "\(plugin.name)\(plugin.next)\(mark):\(type)@//jp.test/\(plugin.name)"
        })
    case 25..<60:
      plugin.read(atMost: Int.random(in: 1...12, using: &random), acknowledgesUnread: control == .acknowledgeUnread)
    case 60..<75: plugin.finish(through: Int.random(in: 0..<max(1, plugin.heldCount), using: &random))
    case 75..<85: plugin.finish(at: Int.random(in: 0..<max(1, plugin.heldCount), using: &random))
    case 85..<90: plugin.refuse(at: Int.random(in: 0..<max(1, plugin.heldCount), using: &random))
    case 90..<95: cutConnection(of: plugin)
    case 95..<97:
      plugin.peer.map(drop)
      plugin.restart()
    default: break
    }
    turn(plugin)
  }

  /// The connection breaks; the broker may hear of it or not.
  func cutConnection(of plugin: SimulatedPlugin) {
    guard let peer = plugin.peer else { return }
    drop(peer)
    if random.chance(50) { bus.lose(peer) }
    plugin.disconnect("cut", random: .random(in: 0...1, using: &random))
    if control == .forgetOutbox { plugin.forgetOutbox() }
  }

  /// Everything that can be done is done.
  func calm(_ plugin: SimulatedPlugin) {
    plugin.pass(to: bus.steady)
    for _ in 0..<3 {
      turn(plugin)
      while plugin.read(atMost: 100) > 0 {}
      plugin.finish(through: plugin.heldCount - 1)
    }
    turn(plugin)
  }

  private func turn(_ plugin: SimulatedPlugin) {
    var frames: [(PeerID, [UInt8], [UInt8]?)] = []
    do {
      try plugin.turn(random: &random) { [bus] in
        bus.connect(plugin.name)
      } send: { peer, control, batch in
        frames.append((peer, control, batch))
      }
    } catch {
      violations.append("the SDK does not take what the broker says: \(error)")
    }
    for (peer, control, batch) in frames {
      send(peer, plugin.name) { [bus] in
        // Retention may have taken what was before.
        if bus.broker.subscriptions.durable("jp.test/\(plugin.name)", "work") == nil { plugin.start = bus.firstKept }
        bus.sendBytes(peer, user: "key-\(plugin.name)", control, batch: batch)
      }
    }
    plugin.collect(bus.journal)
    violations += plugin.violations
  }

  func check(_ plugin: SimulatedPlugin, _ places: [String: Int]) {
    checkOrder(plugin.name, bus.journal.map { String(decoding: $0.bytes, as: UTF8.self) })
    for event in plugin.accepted where places[event] == nil {
      violations.append("\(event) was accepted and is not in the journal")
    }
    let matching = bus.journal.filter { $0.type.hasPrefix("t.") && $0.stamp.sequence >= plugin.start }
    let missing = matching.map(\.stamp.sequence).filter { !plugin.everDone.contains($0) }
    if !missing.isEmpty {
      violations.append("the SDK's reader never processed \(missing.prefix(3)), \(missing.count) in all")
    }
    guard let report = bus.report(of: "jp.test/\(plugin.name)") else {
      violations.append("the SDK's reader has no books")
      return
    }
    if report.pending != 0 || report.lag != 0 || !plugin.isAtRest {
      violations.append("the SDK's book of acknowledgements and the broker's do not agree: \(report)")
    }
  }
}
