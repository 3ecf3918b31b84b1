/// A reported number outside of what can be. The schema refuses what cannot be meant; this is what might be a slip of the
/// keyboard, or a lie: it stays on the record, is shown as what it is, and no estimate is made of it.
public struct ImplausibleFigure: Hashable, Sendable, CustomStringConvertible {
  /// What is counted, in the words that people read.
  public enum Quantity: String, Sendable {
    case outage = "days of outage"
    case users, records, money, deaths, injured
    case repair = "days of repair"
  }

  public var quantity: Quantity
  public var value: Double
  /// The largest that is taken for plausible.
  public var most: Double

  /// `users 5000000000, of at most 346000000`.
  public var description: String { "\(quantity.rawValue) \(Self.number(value)), of at most \(Self.number(most))" }

  /// A whole number without a point; of a fraction the fewest digits that tell it.
  public static func number(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? String(value)
  }
}

/// The window of what an incident can have done, for one report and for all of them together.
public enum Plausibility {
  /// The largest number of a quantity that is taken for plausible, of one nation where it is one of people.
  public static func most(
    _ quantity: ImplausibleFigure.Quantity, nation: String? = nil, currency: String? = nil
  ) -> Double {
    switch quantity {
    case .outage: Double(outageDays)
    case .users, .deaths, .injured: people(of: nation)
    case .records: records
    case .money: currency == "USD" ? dollars : money
    case .repair: repairDays
    }
  }

  /// The people of all nations (2025, rounded up).
  public static let mankind = 8_300_000_000.0

  /// Nobody's users, dead or injured are more than the people of a nation (2025, rounded up).
  static func people(of nation: String?) -> Double {
    switch nation {
    case "JP": 124_000_000
    case "US": 346_000_000
    default: 1_500_000_000
    }
  }

  /// Ten times the largest theft of records that is known.
  static let records = 100_000_000_000.0
  /// More than any nation's product of a year, in any currency of the two.
  static let money = 1_000_000_000_000_000.0
  static let dollars = 30_000_000_000_000.0
  /// Ten years.
  static let repairDays = 3_660.0
  /// A service that has been away for longer than a year is gone, not out.
  static let outageDays: Int64 = 366
  static let day: Int64 = 86_400 * 1_000_000_000

  /// What is said of the effects' numbers outside of the window in a judgement's reasons: at most `room` sentences, the last
  /// one for all the others.
  public static func leftOut(of effects: [Effect], room: Int) -> [String] {
    fitting(lines(of: effects), room: room)
  }

  /// The same without a limit.
  public static func lines(of effects: [Effect]) -> [String] {
    effects.flatMap { effect in
      effect.implausible.map {
        "Left out as implausible: \($0), in report \(effect.report) of \(effect.operatorName)."
      }
    }
  }

  /// At most `room` of some sentences, the last one for all the others.
  public static func fitting(_ lines: [String], room: Int) -> [String] {
    guard lines.count > room else { return lines }
    let kept = max(0, room - 1)
    return lines.prefix(kept) + (room > 0 ? ["And \(lines.count - kept) more like the last."] : [])
  }
}

extension Effect {
  /// Its numbers outside of the window, in the order of the schema; empty for nearly all.
  public var implausible: [ImplausibleFigure] {
    var found: [ImplausibleFigure] = []
    func judge(_ quantity: ImplausibleFigure.Quantity, _ estimate: Estimate?, currency: String? = nil) {
      guard let estimate else { return }
      let most = Plausibility.most(quantity, nation: nation, currency: currency)
      if !(estimate.upper <= most) {
        found.append(ImplausibleFigure(quantity: quantity, value: estimate.upper, most: most))
      }
    }
    if let outage, outage > Plausibility.outageDays * Plausibility.day {
      // In whole numbers, so that no two readers round differently; half a day counts as one.
      let days = outage / Plausibility.day + (outage % Plausibility.day >= Plausibility.day / 2 ? 1 : 0)
      found.append(
        ImplausibleFigure(quantity: .outage, value: Double(days), most: Double(Plausibility.outageDays)))
    }
    judge(.users, usersAffected)
    judge(.records, recordsAffected)
    judge(.money, money?.amount, currency: money?.currency)
    judge(.deaths, casualties?.deaths)
    judge(.injured, casualties?.injured)
    judge(.repair, physicalDamage?.repairDays)
    return found
  }

  /// From its beginning to its end, or to when it was reported, of what people cannot use; in nanoseconds.
  private var outage: Int64? {
    switch kind {
    case .outage, .degradation, .lossOfControl, .lossOfView:
      (ended ?? reported).since(started)
    case .dataLoss, .dataTheft, .physicalDamage, .other: nil
    }
  }

  /// The effect without those numbers: what an estimate is made of.
  public var withoutImplausible: Effect {
    var effect = self
    for figure in implausible {
      switch figure.quantity {
      case .outage:
        // How long is not known, then; that it is out is.
        effect.started = effect.reported
        effect.ended = nil
        effect.expectedRestoration = nil
      case .users: effect.usersAffected = nil
      case .records: effect.recordsAffected = nil
      case .money: effect.money = nil
      case .deaths: effect.casualties?.deaths = nil
      case .injured: effect.casualties?.injured = nil
      case .repair: effect.physicalDamage?.repairDays = nil
      }
    }
    return effect
  }
}
