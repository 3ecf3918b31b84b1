import CasusNames

/// Text in aligned columns.
struct Table {
  enum Side { case left, right }

  private var rows: [[String]]
  private let sides: [Side]

  /// - Parameter columns: headings; one that begins with `>` is aligned to the right.
  init(_ columns: [String]) {
    sides = columns.map { $0.hasPrefix(">") ? .right : .left }
    rows = [columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }]
  }

  /// A row is one line, whatever others wrote into it. Of blanks one is left: a text that the terminal breaks must not come out
  /// as a row of its own.
  mutating func add(_ row: [String]) {
    rows.append(row.map { HarmlessText.shown($0).split(separator: " ").joined(separator: " ") })
  }

  var isEmpty: Bool { rows.count == 1 }

  var text: String {
    let widths = sides.indices.map { column in rows.map { column < $0.count ? Columns.width($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let gap = String(repeating: " ", count: max(0, widths[column] - Columns.width(cell)))
        if column > 0 { line += "  " }
        line += sides[column] == .right ? gap + cell : cell + gap
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// Figures as people read them: `1,234,567`, `12.3 MiB`.
enum Figure {
  static func count(_ number: some BinaryInteger) -> String {
    let digits = Array(String(number))
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, digits[place - 1] != "-", (digits.count - place) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// Six characters at most up to 10^15: `99,999`, `123k`, `1.2M`.
  static func short(_ number: some BinaryInteger) -> String {
    var value = Double(number)
    guard value >= 100_000 else { return count(number) }
    for unit in ["k", "M", "G", "T"] {
      value /= 1000
      if value < 999.5 || unit == "T" {
        let tenths = Int((value * 10).rounded())
        return value >= 99.95 ? "\(Int(value.rounded()))\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
      }
    }
    return count(number)
  }

  static func bytes(_ number: some BinaryInteger) -> String {
    var value = Double(number)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 || unit == "GiB" {
        let tenths = Int((value * 10).rounded())
        return unit == "B" || tenths >= 1000 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
      }
      value /= 1024
    }
    return "\(number) B"
  }
}
