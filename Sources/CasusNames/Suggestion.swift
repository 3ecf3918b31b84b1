/// "did you mean …?": the nearest of the names that would have been right.
public enum Suggestion {
  /// ` (did you mean "x"?)`, or nothing when no candidate is near.
  public static func text(for name: String, among candidates: some Sequence<String>) -> String {
    nearest(to: name, among: candidates).map { " (did you mean \"\($0)\"?)" } ?? ""
  }

  /// The candidate with the fewest edits, at most a third of the name's length and at least one.
  public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let bound = max(1, name.utf8.count / 3)
    var best: (name: String, distance: Int)?
    for candidate in candidates.sorted() {
      let distance = edits(Array(name.utf8), Array(candidate.utf8))
      if distance <= bound, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Insertions, deletions, substitutions and swaps of neighbours between two words (optimal string alignment).
  package static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var least = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, rows[i - 2][j - 2] + 1) }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
