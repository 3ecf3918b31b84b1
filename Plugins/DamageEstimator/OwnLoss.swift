import CasusEvents

/// What one source says of one part of an operator at one time.
struct OwnLoss {
  /// Of its newest report.
  var place: Int
  var estimate: Estimate
  var span: Stretch
  var first: UInt64
  /// Its reports besides the newest one, each number's newest counted.
  var repeats: Int

  typealias Figure = (offset: Int, element: ReportedFigure)

  /// Of figures that are one part's: those that overlap in time may tell of one loss. The newest says how large it was, the others
  /// how far that may be wrong; a later report of the same number takes an earlier one's place.
  static func all(_ figures: [Figure]) -> [OwnLoss] {
    Stretch.clusters(figures) { Stretch(place: $0.offset, start: $0.element.started, end: $0.element.ended) }.map {
      cluster in
      func isNewer(_ a: Figure, _ b: Figure) -> Bool {
        (a.element.reported, a.offset) > (b.element.reported, b.offset)
      }
      let standing = cluster.filter { figure in
        !cluster.contains { $0.element.report == figure.element.report && isNewer($0, figure) }
      }
      let newest = standing.reduce(standing[0]) { isNewer($1, $0) ? $1 : $0 }
      return OwnLoss(
        place: newest.offset,
        estimate: Estimate(
          value: newest.element.estimate.value, low: standing.map(\.element.estimate.lower).min(),
          high: standing.map(\.element.estimate.upper).max()),
        span: Stretch(
          place: cluster.map(\.offset).min() ?? 0,
          start: cluster.map(\.element.started).min() ?? newest.element.started,
          end: cluster.map(\.element.ended).max() ?? newest.element.ended),
        first: cluster.map(\.element.first).min() ?? newest.element.first, repeats: standing.count - 1)
    }
  }
}

/// A stretch of time, and the first report that tells of it.
struct Stretch {
  var place: Int
  var start: Timestamp
  var end: Timestamp

  /// What overlaps, together: in order of their beginnings.
  static func clusters<Element>(_ elements: [Element], _ span: (Element) -> Stretch) -> [[Element]] {
    var clusters: [[Element]] = []
    var end = Timestamp(nanoseconds: .min)
    for element in elements.sorted(by: { (span($0).start, span($0).place) < (span($1).start, span($1).place) }) {
      if !clusters.isEmpty, span(element).start <= end {
        clusters[clusters.count - 1].append(element)
      } else {
        clusters.append([element])
      }
      end = max(end, span(element).end)
    }
    return clusters
  }
}
