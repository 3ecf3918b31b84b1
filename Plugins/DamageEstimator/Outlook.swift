import Assessment
import CasusEvents

/// What an incident looked like at an estimate, to compare the next one with.
struct Standing: Sendable, Equatable {
  var phase: Phase
  var users: Double
  var victims: Int
  var effects: Int
}

/// The next six hours, by the EU taxonomy's three words; unknown where nothing speaks for any.
enum OutlookReader {
  static let hours = 6

  static func outlook(
    _ incident: Incident, effects: [Effect], now: Timestamp, before: Standing?, standing: Standing
  ) -> (Outlook, [String]) {
    let horizon = now.advanced(by: Int64(hours) * 3_600_000_000_000)
    var worse: [String] = []
    if let before {
      if standing.phase > before.phase {
        worse.append("The attack went from \(before.phase.rawValue) to \(standing.phase.rawValue).")
      }
      if standing.victims > before.victims {
        worse.append("More operators are hit: \(before.victims), now \(standing.victims).")
      }
      if standing.users > before.users * 1.05 { worse.append("More users are affected than at the last estimate.") }
    }
    if !worse.isEmpty { return (.worsening, worse) }
    guard !effects.isEmpty else {
      return (.unknown, ["No operator reports an effect, so that nothing shows where it goes."])
    }
    let running = effects.filter { $0.ended == nil }
    if running.isEmpty { return (.improving, ["All reported effects are over."]) }
    let soon = running.filter { $0.expectedRestoration.map { $0 <= horizon } ?? false }
    if soon.count == running.count {
      return (.improving, ["Operators expect all services back within \(hours) hours."])
    }
    if let before, standing.users < before.users * 0.95 {
      return (.improving, ["Fewer users are affected than at the last estimate."])
    }
    let open = running.count - soon.count
    return (
      .stable,
      [
        "\(open) effect\(open == 1 ? "" : "s") \(open == 1 ? "lasts" : "last") longer than \(hours) hours or without an expected end."
      ]
    )
  }
}
