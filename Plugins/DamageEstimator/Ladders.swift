import CasusEvents

/// The published ladders of levels, applied to one world. The sources give words, not measures: where a level starts is
/// the policy's (``DamageSettings``), whose author is named with the result.
struct Ladders: Sendable {
  let settings: DamageSettings

  /// Weighted user-hours of service lost.
  func userHours(_ world: World) -> Double {
    let share: Double =
      switch world.service {
      case .untouched, .unimpaired: 0
      case .minimal: settings.lostShare[0]
      case .significant: settings.lostShare[1]
      case .denied, .outOfControl: settings.lostShare[2]
      }
    return share * world[.users] * world[.hours]
  }

  /// Japan's NISC (2018): continuity of the service, safety, trust, each 0-4; the level is the highest of the three.
  func nisc(_ world: World) -> (continuity: Int, safety: Int, trust: Int) {
    var continuity = step(userHours(world), settings.userHours)
    // A service that isn't essential counts a step less.
    if !world.isEssential { continuity = max(0, continuity - 1) }
    if world.isImpaired { continuity = max(1, continuity) }

    var safety = 0
    if world[.physical] >= 1 || world[.location] >= 100 { safety = 1 }
    if world[.injured] >= 1 { safety = 2 }
    if world[.deaths] >= 1 || world[.injured] >= 10 || world[.physical] >= 2 { safety = 3 }
    if world[.deaths] >= 10 { safety = 4 }

    // People lose trust in a service that failed or lost their data.
    let trust = max(step(world[.records], settings.records), continuity - 1, world[.theft] >= 2 ? 1 : 0)
    return (continuity, safety, trust)
  }

  func niscOverall(_ world: World) -> Int {
    let parts = nisc(world)
    return max(parts.continuity, parts.safety, parts.trust)
  }

  /// US Cyber Incident Severity Schema (PPD-41), 0-5. Without an impact the depth of the intrusion decides how likely
  /// one is.
  func ppd41(_ world: World) -> Int {
    let impact = niscOverall(world)
    if impact >= 1, world[.phase] >= 3 { return min(5, impact + 1) }
    switch world[.phase] {
    case ..<1: return 0
    case ..<2: return 1
    default: return world[.location] >= 80 ? 3 : world[.location] >= 70 || world.isEssential ? 2 : 1
    }
  }

  /// UK NCSC (2018), 1 (the worst) to 6.
  func ncsc(_ world: World) -> Int {
    switch niscOverall(world) {
    case 4: 1
    case 3: 2
    case 2: 3
    case 1: 4
    default: world.isEssential && world[.phase] >= 1 ? 5 : 6
    }
  }

  /// EU cybersecurity incident taxonomy: 0 white, 1 green, 2 yellow, 3 red.
  func eu(_ world: World) -> Int { [0, 1, 2, 3, 3][niscOverall(world)] }

  /// EuRepoC's intensity: five indicators of 0-2 points, times 1.5 for a target of very high political importance;
  /// 0...15.
  func eurepoc(_ world: World) -> (points: [Int], weighted: Double) {
    let disruption = world.isImpaired ? (world[.hours] >= 24 ? 2 : 1) : 0
    let spatial = Int(world[.physical])
    let temporal = spatial > 0 ? (world[.repair] >= 24 ? 2 : 1) : 0
    let points = [Int(world[.theft]), disruption, Int(world[.hijacking]), spatial, temporal]
    return (points, Self.intensity(points, isImportant: world[.importance] >= 1))
  }

  static func intensity(_ points: [Int], isImportant: Bool) -> Double {
    Double(points.reduce(0, +)) * (isImportant ? 1.5 : 1)
  }

  /// DCID 2.0's severity, 0-10: the highest step whose words hold.
  func dcid(_ world: World) -> Int {
    if world[.deaths] > 100 { return 10 }
    if world.isEssential, world[.physical] >= 2 { return 9 }
    if world[.money] >= settings.nationalLoss { return 8 }
    if world[.deaths] >= 1 { return 7 }
    let destroyed = world[.destruction] >= 1 || world[.physical] >= 1
    if destroyed, world[.physical] >= 2 || world[.victims] >= 2 { return 6 }
    if destroyed || world.service == .outOfControl { return 5 }
    if world[.phase] >= 2, world[.victims] >= 2 { return 4 }
    if world[.theft] >= 1 { return 3 }
    if world.isImpaired { return 2 }
    return world[.phase] >= 2 ? 3 : 1
  }

  private func step(_ value: Double, _ thresholds: [Double]) -> Int { thresholds.count { value >= $0 } }
}
