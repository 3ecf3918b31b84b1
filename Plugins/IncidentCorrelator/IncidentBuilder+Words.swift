import CasusEvents

/// The sentences of an incident. They say what is there and no more: who and why is for others to judge.
extension IncidentBuilder {
  var title: String {
    if group.isFold {
      let source = isOfMany ? "many sources" : group.founder.source.dropFirst(2)
      let title = "\(source): findings that stand alone, more than one source may open incidents for"
      return String(String.UnicodeScalarView(title.unicodeScalars.prefix(256)))
    }
    let what =
      switch content.phase {
      case .prepare: "reconnaissance"
      case .engage: "attempted entry"
      case .presence: "intruder inside"
      case .effect: group.effects.isEmpty ? "data taken or systems acted upon" : "service affected"
      }
    let who = group.items.values.compactMap(\.victim?.operatorName).sortedUnique
    let place: String
    if who.isEmpty {
      place = group.items.values.compactMap(\.asset?.id).map(AddressScope.network).sortedUnique.first ?? "unknown place"
    } else {
      place = who.prefix(2).joined(separator: ", ") + (who.count > 2 ? " and \(who.count - 2) more" : "")
    }
    return String(String.UnicodeScalarView("\(place): \(what)".unicodeScalars.prefix(256)))
  }

  /// Of a fold: whether it is that of sources that share an account.
  private var isOfMany: Bool { group.founder.source == SourceBudget.others }

  /// Why these belong together: the commonest links, in words.
  var basis: [String] {
    if group.isFold {
      let whose = isOfMany ? "many sources" : "one source"
      return [
        "\(group.eventCount) events of \(whose) folded into one incident; \(group.items.count) of them are listed"
      ]
    }
    return links
  }

  private var links: [String] {
    group.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map { link, count in
      "\(count) \(count == 1 ? "event" : "events") \(link.reason)"
    }
  }

  func summary(_ effects: Int) -> String {
    let techniques = content.techniques.count
    let detections = group.detectionCount + group.counted.detections
    var text = "\(detections) detections and \(effects) effects, \(techniques) techniques"
    text += ", furthest phase \(content.phase.rawValue)."
    if let location = content.location { text += " Innermost level reached: \(location.rawValue)." }
    return text
  }
}

extension Sequence where Element == String {
  fileprivate var sortedUnique: [String] { Set(self).sorted() }
}
