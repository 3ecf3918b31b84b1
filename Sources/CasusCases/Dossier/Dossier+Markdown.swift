internal import CasusEvents

extension Dossier {
  /// The dossier for people to read. Every statement names its event as `[sequence · sender · sha256]`.
  public var markdown: String {
    var page = MarkdownWriter()
    writeHead(&page)
    writeSummary(&page)
    writeDetections(&page)
    writeEffects(&page)
    writeIncident(&page)
    writeAttribution(&page)
    writePurpose(&page)
    writeDamage(&page)
    writeDisputes(&page)
    writeConsultation(&page)
    writeDecision(&page)
    writeFindings(&page)
    writeReadingAid(&page)
    return page.text
  }

  private func writeHead(_ page: inout MarkdownWriter) {
    let prefix: Markdown = banner.map { "\($0) · " } ?? ""
    page.heading(1, "\(prefix)Case \(self.case.id): \(self.case.title)")
    switch mode {
    case .live: break
    case .exercise:
      page.paragraph(
        "> **EXERCISE.** Every event here is marked so. Nothing in this dossier is evidence in a live case.")
    case .replay: page.paragraph("> **REPLAY.** A capture played again: it shows what was and decides nothing.")
    }
    if let text = marked.text {
      page.paragraph(
        mode == .live
          ? "> **MARKED EVIDENCE.** The incident rests on \(text). They are no evidence in a live case."
          : "> The incident rests on \(text).")
    }
    if !leftOut.isEmpty {
      page.paragraph(
        "> Replayed or of an exercise, or resting on such events, and in no live statement: \(leftOut.map(\.mark).line)"
      )
    }
    page.paragraph("> **\(notice)**")
    let author: Markdown = self.case.policyAuthor.map { ", by \($0)" } ?? ""
    let unknown: Markdown =
      self.case.policyKnown ? "" : " (**not known to this reader: no signature could be verified**)"
    let policy: Markdown = "\(self.case.policy.name) \(self.case.policy.version)\(author)\(unknown)"
    var rows: [[Markdown]] = [
      ["Incident", "\(self.case.incident) \(incident.map { Markdown($0.citation.mark) } ?? "")"],
      ["State", "\(self.case.state.rawValue)"],
      [
        "Opened",
        "\(Text.time(self.case.opened)) by \(self.case.openedBy.label) \(self.case.citation.mark)",
      ],
      ["Policy", policy],
      ["As of", "event \(asOf.sequence), recorded \(Text.time(asOf.recorded))"],
    ]
    if let question = self.case.question { rows.insert(["Question", Markdown(question)], at: 0) }
    if let root = asOf.root { rows.append(["Journal", "Merkle root \(root) up to event \(asOf.sequence)"]) }
    page.table(["", ""], rows)
  }

  private func writeSummary(_ page: inout MarkdownWriter) {
    page.heading(2, "In short")
    var items: [Markdown] = []
    if let incident {
      let data = incident.data
      let location: Markdown = data.location.map { ", location \($0.rawValue)" } ?? ""
      items.append(
        """
        **What happened:** detections: \(data.detectionCount), operators' reports: \(data.effectCount), \
        \(Text.time(data.firstSeen)) to \(Text.time(data.lastSeen)); phase reached: \(data.phase.rawValue)\(location). \
        \(incident.citation.mark)
        """)
    } else {
      items.append("**What happened:** the incident \(self.case.incident) is not in this journal.")
    }
    for attribution in attributions {
      let data = attribution.data
      let top: Markdown? = data.hypotheses.first.map {
        "likeliest \($0.label) at \(Text.probability($0.probability))"
      }
      items.append(
        """
        **Who may be behind it,** by \(attribution.citation.sender): \(data.conclusionLabel); \(top ?? "no hypothesis"); \
        confidence \(data.confidence.level.rawValue). \(attribution.citation.mark)
        """)
    }
    for purpose in purposes {
      items.append(
        """
        **Espionage or disruption,** by \(purpose.citation.sender): \(purpose.data.conclusion.label); disruption \
        \(Text.probability(purpose.data.attack)), confidence \(purpose.data.confidence.level.rawValue). \
        \(purpose.citation.mark)
        """)
    }
    for damage in damages {
      let scales: [Markdown] = damage.data.scales.map { "\($0.title) \($0.short)" }
      items.append(
        "**Damage,** by \(damage.citation.sender): \(scales.joined(separator: "; ")). \(damage.citation.mark)")
    }
    if !disagreements.isEmpty {
      items.append("**The analyzers disagree** in \(disagreements.count) points, named below.")
    }
    if !disputes.isEmpty {
      items.append(
        "**Disputed:** others doubt \(Set(disputes.map(\.data.about.sha256)).count) of these events, named below.")
    }
    if decision.stands, let outcome = decision.outcome {
      let marks = decision.tallies.flatMap { $0.signatures.map(\.citation.mark) }
      items.append("**Decision:** \(outcome.rawValue), signed by every party. \(marks.line)")
    } else {
      items.append("**Decision:** none. \(decision.missing.map { Markdown($0) }.joined(separator: " "))")
    }
    page.list(items)
  }

  private func writeFindings(_ page: inout MarkdownWriter) {
    page.heading(2, "Not accepted, and why")
    if findings.isEmpty { page.paragraph("Nothing was refused in this case.") }
    page.table(
      ["What", "Why", "Event"],
      findings.map { [Markdown($0.code.rawValue), Markdown($0.message), Markdown($0.about.mark)] })
  }

  private func writeReadingAid(_ page: inout MarkdownWriter) {
    page.heading(2, "How to read this")
    let replaced =
      (incident?.superseded ?? 0) + attributions.reduce(0) { $0 + $1.superseded }
      + purposes.reduce(0) { $0 + $1.superseded } + damages.reduce(0) { $0 + $1.superseded }
    page.list([
      """
      `[12 · jp.nisc/suricata-1 · 9f86d081]`: the journal's event 12, published with the key of that sender, and the first \
      digits of the SHA-256 of its bytes. `casus tail --from 12 --count 1` shows it.
      """,
      """
      Words beside probabilities are those of ICD 203 (2015): almost no chance below 5 %, very unlikely to 20, unlikely to \
      45, roughly even to 55, likely to 80, very likely to 95, almost certain above. Confidence says how good the basis is; \
      it is no probability.
      """,
      """
      Damage and attribution are separate answers. No number in this dossier merges them, and scales of damage do not agree \
      with each other.
      """,
      """
      An address in others' words is broken on purpose (`http[:]//`), so that nothing here leads anywhere.
      """,
      "Earlier revisions that were replaced and are left out here: \(replaced). All of them are in the journal.",
    ])
  }
}

extension Person {
  /// `EXERCISE Tanaka, director (JP)`.
  var label: String { name + (role.map { ", \($0)" } ?? "") + (party.map { " (\($0))" } ?? "") }
}

extension Attribution {
  /// The conclusion with its name.
  var conclusionLabel: String {
    conclusion == "undetermined"
      ? "undetermined" : hypotheses.first { $0.id == conclusion }?.label ?? conclusion
  }
}

extension PurposeConclusion {
  var label: String {
    switch self {
    case .exploitation: "espionage"
    case .attack: "disruption"
    case .undetermined: "undetermined"
    }
  }
}

extension ScaleResult {
  /// Level, else score, in few words.
  var short: String { level?.label ?? score.map { Text.decimal($0.value) } ?? "unknown" }
}
