import Assessment
import CasusEvents

/// The numbers that the published scales leave open: what counts as many users, what an unknown may be. `author` answers
/// for them and is named with every level made from them.
struct DamageSettings: Policy, Equatable {
  var author = "Casus defaults"
  /// Worlds drawn.
  var samples = 2000
  /// Whose attribution fills NCISS's actor: the beginning of a source, `//jp.nisc/attribution-1`. Empty: one of the
  /// estimator's own agency, else the first by name.
  var attribution = ""
  /// NCISS scores at which each priority level above 0 begins, rising. CISA publishes none; empty gives no level.
  var ncissCutoffs: [Double] = []
  /// Weighted user-hours from which continuity counts as NISC's 1, 2, 3, 4.
  var userHours: [Double] = [1, 10_000, 500_000, 10_000_000]
  /// Records from which trust counts as NISC's 1, 2, 3, 4.
  var records: [Double] = [1, 10_000, 1_000_000, 50_000_000]
  /// Which part of a user's service is lost at minimal, significant and full impairment.
  var lostShare: [Double] = [0.1, 0.5, 1]
  /// The greatest number of users, hours and records that nobody reported may stand for.
  var unknown = Unknown()
  /// P(what isn't said of it), 0...1.
  var odds = Odds()
  /// Weights of minimal, low, moderate, high, severe potential impact of a service's total loss.
  var potentialEssential: [Double] = [0, 0, 1, 2, 1]
  var potentialOther: [Double] = [1, 2, 1, 0, 0]
  /// US dollars from which a loss is a critical disruption of the national economy (DCID 8).
  var nationalLoss = 10_000_000_000.0

  struct Unknown: Codable, Sendable, Equatable {
    var users = 1_000_000.0
    var hours = 168.0
    var records = 1_000_000.0
  }

  struct Odds: Codable, Sendable, Equatable {
    /// That a service of a critical sector is essential where nobody said.
    var essential = 0.8
    /// That data taken are sensitive; EuRepoC codes it so in 156 of 472 incidents (every second row of its table).
    var sensitive = 0.33
    /// That an intruder who was seen, beside a loss, used the control he had: 270 of 276 there.
    var misused = 0.98
    /// That one did beside whom nothing is known to be lost: 15 of 58.
    var idleMisuse = 0.26
    /// That a known group without a criminal record aimed at this target.
    var targeted = 0.5
    /// That the target is of very high political importance; EuRepoC codes it so in 4 of 822 incidents.
    var important = 0.005
    /// That an outage without a word about equipment broke some.
    var broken = 0.05
  }

  func check(_ faults: PolicyFaults) {
    faults.requireLine("author", author)
    faults.require("samples", Double(samples), in: 100...100_000)
    for (name, list, count) in [
      ("userHours", userHours, 4), ("records", records, 4), ("lostShare", lostShare, 3),
      ("potentialEssential", potentialEssential, 5), ("potentialOther", potentialOther, 5),
    ] {
      if list.count != count || !list.allSatisfy({ $0 >= 0 }) {
        faults.report(name, "must be \(count) numbers that are not negative")
      }
    }
    for (name, list) in [("userHours", userHours), ("records", records), ("ncissCutoffs", ncissCutoffs)] {
      if list != list.sorted() { faults.report(name, "must rise") }
    }
    for (name, list) in [("potentialEssential", potentialEssential), ("potentialOther", potentialOther)] {
      if !list.contains(where: { $0 > 0 }) { faults.report(name, "must not be all zero") }
    }
    faults.require("unknown.users", unknown.users, in: 1...10_000_000_000)
    faults.require("unknown.hours", unknown.hours, in: 1...100_000)
    faults.require("unknown.records", unknown.records, in: 1...100_000_000_000)
    faults.require("odds.essential", odds.essential, in: 0...1)
    faults.require("odds.sensitive", odds.sensitive, in: 0...1)
    faults.require("odds.misused", odds.misused, in: 0...1)
    faults.require("odds.idleMisuse", odds.idleMisuse, in: 0...1)
    faults.require("odds.targeted", odds.targeted, in: 0...1)
    faults.require("odds.important", odds.important, in: 0...1)
    faults.require("odds.broken", odds.broken, in: 0...1)
    faults.require("nationalLoss", nationalLoss, in: 1...1e15)
  }
}
