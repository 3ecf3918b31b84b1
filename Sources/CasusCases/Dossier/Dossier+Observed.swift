internal import CasusEvents

// What was seen: detections, effects and the incident they make.
extension Dossier {
  /// Rows that the page shows; `dossier.json` has every detection that the incident names.
  private static let rows = 60

  func writeDetections(_ page: inout MarkdownWriter) {
    page.heading(2, "What was detected, and where")
    if detections.isEmpty { page.paragraph("No detections are listed.") }
    let groups = Sighting.groups(detections)
    page.table(
      ["First (UTC)", "Last (UTC)", "Times", "What", "ATT&CK, probability", "Where", "Severity", "Events"],
      groups.prefix(Self.rows).map { group in
        let techniques = group.first.techniques.map(\.label).joined(separator: ", ")
        let more: Markdown = group.citations.count > 3 ? " and \(group.citations.count - 3) more" : ""
        return [
          Markdown(Text.time(group.first.firstSeen)), Markdown(Text.time(group.lastSeen)), "\(group.count)",
          Markdown(group.first.title + (group.first.spoofed ? " (origin likely forged)" : "")),
          Markdown(techniques.isEmpty ? "none" : techniques), Markdown(group.first.whereLabel),
          Markdown((Severity(rawValue: group.first.severityID) ?? .unknown).name),
          group.citations.prefix(3).map(\.mark).line + more,
        ]
      })
    let more = detectionsOmitted + groups.dropFirst(Self.rows).reduce(0) { $0 + $1.citations.count }
    if more > 0 { page.paragraph("Detections of the incident that are not listed here: \(more).") }
  }

  func writeEffects(_ page: inout MarkdownWriter) {
    page.heading(2, "What operators lost")
    if effects.isEmpty { page.paragraph("No operator has reported an effect. That is no proof that there was none.") }
    for effect in effects {
      let data = effect.data
      let nation: Markdown = data.nation.map { " (\($0))" } ?? ""
      page.paragraph("**\(data.title)**, \(data.operatorName)\(nation), report \(data.report). \(effect.citation.mark)")
      page.list(data.lines.map { Markdown($0) })
    }
    if effectsOmitted > 0 { page.paragraph("Reports that are not listed here: \(effectsOmitted).") }
  }

  func writeIncident(_ page: inout MarkdownWriter) {
    page.heading(2, "The incident")
    guard let incident else { return page.paragraph("It is not in this journal.") }
    let data = incident.data
    page.paragraph(
      "**\(data.title)**, revision \(data.revision), \(data.state.rawValue). \(incident.citation.mark)")
    if let summary = data.summary { page.paragraph(Markdown(summary)) }
    if data.state == .retracted {
      page.paragraph("**Retracted:** \(data.retraction ?? "no reason given")")
    }
    page.table(
      ["", ""],
      [
        ["Phase reached", "\(data.phase.rawValue)"],
        ["Domains", "\(data.domains.map(\.rawValue).joined(separator: ", "))"],
        ["Location", "\(data.location?.rawValue ?? "unknown")"],
        [
          "Victims",
          Markdown(
            data.victims.map { $0.operatorName + ($0.nation.map { " (\($0))" } ?? "") }.joined(separator: ", ")),
        ],
        ["Sectors", "\(data.sectors.map(\.rawValue).joined(separator: ", "))"],
        [
          "Grouped by",
          "\(data.method.name) \(data.method.version), \(incident.citation.sender)",
        ],
      ])
    page.list("Why these belong together:", data.basis.map { Markdown($0) })
    page.table(
      ["When (UTC)", "Step", "Phase", "Event"],
      data.steps.map {
        [
          Markdown(Text.time($0.time)), Markdown($0.title), Markdown($0.phase?.rawValue ?? ""),
          $0.ref.map { Markdown(mark($0)) } ?? "",
        ]
      })
    page.table(
      ["ATT&CK technique", "Domain", "Probability that it was used", "Detections", "Events"],
      data.techniques.map { technique in
        [
          Markdown([technique.id, technique.name].compactMap { $0 }.joined(separator: " ")),
          Markdown(technique.domain.rawValue), Markdown(Text.probability(technique.probability)), "\(technique.count)",
          marks(technique.refs),
        ]
      })
  }

  /// The mark of an event that something refers to; `?` for its place where this reader doesn't know it.
  func mark(_ reference: EventReference) -> EventMark {
    let known = references.first { $0.sha256 == reference.sha256 } ?? reference
    let sender = known.source.hasPrefix("//") ? String(known.source.dropFirst(2)) : known.source
    return EventMark(known.sequence ?? "?", sender, known.sha256)
  }

  /// At most three marks, and how many more there are.
  func marks(_ references: [EventReference]) -> Markdown {
    let more: Markdown = references.count > 3 ? " and \(references.count - 3) more" : ""
    return references.prefix(3).map(mark).line + more
  }
}

extension DetectionSummary {
  var whereLabel: String {
    var parts: [String] = []
    if let asset {
      parts.append(asset.id)
      if let name = asset.operatorName { parts.append(name) }
      if let nation = asset.nation { parts.append(nation) }
      if let sector = asset.sector { parts.append(sector.rawValue) }
      if let location = asset.location { parts.append(location.rawValue) }
    } else if let destination = flow?.destination {
      parts.append([destination.ip, destination.port.map(String.init)].compactMap { $0 }.joined(separator: " port "))
    }
    return parts.isEmpty ? "unknown" : parts.joined(separator: ", ")
  }
}

extension Effect {
  /// What is known, one line each; what isn't known is left out.
  var lines: [String] {
    var lines = ["\(kind.rawValue), from \(Text.time(started))" + (ended.map { " to \(Text.time($0))" } ?? "")]
    if ended == nil {
      lines.append("not over" + (expectedRestoration.map { "; restoration expected \(Text.time($0))" } ?? ""))
    }
    if let service {
      let essential = service.essential.map { $0 ? ", essential" : ", not essential" } ?? ""
      lines.append("service: \(service.name)\(essential)\(service.denied == true ? ", denied" : "")")
    }
    if let usersAffected { lines.append("users or customers: \(Text.estimate(usersAffected))") }
    for capacity in capacityLost {
      let share = capacity.share.map { ", \(Text.percent($0)) of the whole" } ?? ""
      lines.append("capacity lost: \(Text.estimate(capacity.amount)) \(capacity.unit)\(share)")
    }
    if let recordsAffected { lines.append("records: \(Text.estimate(recordsAffected))") }
    if let money { lines.append("money: \(Text.estimate(money.amount)) \(money.currency)") }
    if let deaths = casualties?.deaths { lines.append("deaths: \(Text.estimate(deaths))") }
    if let injured = casualties?.injured { lines.append("injured: \(Text.estimate(injured))") }
    if let damage = physicalDamage {
      lines.append("physical damage: \(damage.extent.rawValue)" + (damage.summary.map { ", \($0)" } ?? ""))
    }
    if let workaround {
      lines.append(
        "workaround: \(workaround.available ? "yes" : "none")" + (workaround.summary.map { ", \($0)" } ?? ""))
    }
    lines.append("cause, by the operator: \(cause.rawValue)")
    if let admiralty { lines.append("Admiralty code \(admiralty.label)") }
    lines += implausible.map { "IMPLAUSIBLE, and in no estimate: \($0)" }
    return lines
  }
}

extension Admiralty {
  /// `B2`.
  var label: String { reliability.rawValue + String(credibility) }
}
