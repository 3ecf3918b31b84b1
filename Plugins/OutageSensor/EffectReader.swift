import CasusEvents
import CasusSensor

/// Makes an effect of a report; every mistake names the line of the cell. Pure.
struct EffectReader {
  let row: ReportRow

  func effect(admiralty: Admiralty?) throws(ReportProblem) -> Effect {
    let operatorName = try required("operator")
    let nation = try nation()
    let sector = try choice("sector", Sector.self)
    let location = try choice("location", Location.self)
    var effect = Effect(
      report: try required("report"), kind: try choice("kind", EffectKind.self) ?? .outage,
      title: try required("title"), operatorName: operatorName, nation: nation, sector: sector,
      started: try requiredTime("started"), reported: try requiredTime("reported"))
    if let name = try line("service") {
      effect.service = Service(name: name, essential: try bool("essential"), denied: try bool("denied"))
    }
    if let id = try line("asset") {
      effect.asset = Asset(id: id, operatorName: operatorName, nation: nation, sector: sector, location: location)
    }
    effect.ended = try time("ended")
    effect.expectedRestoration = try time("expected_restoration")
    effect.usersAffected = try estimate("customers")
    if let power = try estimate("mw") {
      effect.capacityLost.append(Capacity(amount: power, unit: "MW", share: try number("mw_share", 0...1)))
    }
    if let feeders = try estimate("feeders") { effect.capacityLost.append(Capacity(amount: feeders, unit: "feeders")) }
    effect.recordsAffected = try estimate("records")
    if let amount = try estimate("money") {
      let currency = try required("currency")
      guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
        throw problem("currency", "currency must be three capital letters (ISO 4217)")
      }
      effect.money = Money(amount: amount, currency: currency)
    }
    let deaths = try estimate("deaths")
    let injured = try estimate("injured")
    if deaths != nil || injured != nil { effect.casualties = Casualties(deaths: deaths, injured: injured) }
    if let extent = try choice("physical_damage", Extent.self) {
      effect.physicalDamage = PhysicalDamage(
        extent: extent, summary: try text("damage_summary"), repairDays: try estimate("repair_days"))
    }
    let workaround = try text("workaround")
    if let available = try bool("workaround_available") ?? workaround.map({ _ in true }) {
      effect.workaround = Workaround(available: available, summary: workaround)
    }
    effect.cause = try choice("cause", RootCause.self) ?? .unknown
    effect.domain = try choice("domain", Domain.self)
    effect.summary = try text("summary")
    effect.withdrawal = try text("withdrawn")
    effect.admiralty = admiralty
    effect.raw = Excerpt(of: row.raw, limit: 4096, origin: oneLine("\(row.file):\(row.line)", limit: 512))
    try checkOrder(effect)
    return effect
  }

  private func checkOrder(_ effect: Effect) throws(ReportProblem) {
    if let ended = effect.ended, ended < effect.started { throw problem("ended", "it ended before it started") }
    if let expected = effect.expectedRestoration, expected < effect.started {
      throw problem("expected_restoration", "restoration is expected before it started")
    }
  }

  // MARK: Cells

  private func problem(_ name: String, _ message: String) -> ReportProblem {
    ReportProblem(file: row.file, line: row.fields[name]?.line ?? row.line, message: message)
  }

  private func line(_ name: String) throws(ReportProblem) -> String? {
    guard let text = row.fields[name]?.text else { return nil }
    guard text.unicodeScalars.count <= 256,
      !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else { throw problem(name, "\(name) must be one line of at most 256 characters") }
    return text
  }

  private func text(_ name: String) throws(ReportProblem) -> String? {
    guard let text = row.fields[name]?.text else { return nil }
    let isBad: (Unicode.Scalar) -> Bool = { ($0.value < 0x20 && $0 != "\n" && $0 != "\t") || $0.value == 0x7F }
    let clean = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" }))
    guard clean.unicodeScalars.count <= 4000, !clean.unicodeScalars.contains(where: isBad) else {
      throw problem(name, "\(name) must be text of at most 4000 characters")
    }
    return clean.isEmpty ? nil : clean
  }

  private func required(_ name: String) throws(ReportProblem) -> String {
    guard let text = try line(name) else { throw problem(name, "\(name) is missing") }
    return text
  }

  private func time(_ name: String) throws(ReportProblem) -> Timestamp? {
    guard let text = row.fields[name]?.text else { return nil }
    guard let time = Timestamp(rfc3339: text), time.nanoseconds >= 0, time < Self.lastTime else {
      throw problem(name, "\(name) must be a time such as 2026-03-16T13:00:00Z, with its offset")
    }
    return time
  }

  /// The schemas take years up to 2199.
  private static let lastTime = Timestamp(rfc3339: "2200-01-01T00:00:00Z") ?? Timestamp(nanoseconds: .max)

  private func requiredTime(_ name: String) throws(ReportProblem) -> Timestamp {
    guard let time = try time(name) else { throw problem(name, "\(name) is missing") }
    return time
  }

  private func number(_ name: String, _ range: ClosedRange<Double> = 0...1e15) throws(ReportProblem) -> Double? {
    guard let text = row.fields[name]?.text else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw problem(name, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  private func estimate(_ name: String) throws(ReportProblem) -> Estimate? {
    guard let value = try number(name) else { return nil }
    let estimate = Estimate(value: value, low: try number(name + "_low"), high: try number(name + "_high"))
    guard (estimate.low ?? value) <= value, value <= (estimate.high ?? value) else {
      throw problem(name, "\(name) does not lie between its bounds")
    }
    return estimate
  }

  private func bool(_ name: String) throws(ReportProblem) -> Bool? {
    switch row.fields[name]?.text.lowercased() {
    case nil: nil
    case "true", "yes", "1": true
    case "false", "no", "0": false
    default: throw problem(name, "\(name) must be true or false")
    }
  }

  private func nation() throws(ReportProblem) -> String? {
    guard let text = row.fields["nation"]?.text else { return nil }
    guard text.utf8.count == 2, text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw problem("nation", "nation must be two capital letters (ISO 3166-1)")
    }
    return text
  }

  private func choice<T: CaseIterable & RawRepresentable>(_ name: String, _: T.Type) throws(ReportProblem) -> T?
  where T.RawValue == String {
    guard let text = row.fields[name]?.text else { return nil }
    guard let value = T(rawValue: text) else {
      throw problem(name, "\(name) must be one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return value
  }
}
