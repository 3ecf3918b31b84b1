internal import CasusEvents

/// How numbers and names read in a dossier.
enum Text {
  /// `0.345` → `34.5`: at most `digits` decimals, no trailing zeros.
  static func decimal(_ value: Double, _ digits: Int = 1) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let rounded = Int64((abs(value) * scale).rounded())
    // The scale in front keeps the zeros between the point and the first digit.
    var fraction = String(Int64(scale) + rounded % Int64(scale)).dropFirst()
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = value < 0 && rounded > 0 ? "-" : ""
    return sign + String(rounded / Int64(scale)) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// `34 %`; below 10 % with a decimal, and never a false 0 or 100.
  static func percent(_ probability: Double) -> String {
    let value = probability * 100
    if value > 0, value < 0.05 { return "<0.1 %" }
    if value < 100, value > 99.95 { return ">99.9 %" }
    return decimal(value, value < 10 || value > 99 ? 1 : 0) + " %"
  }

  /// `34 % (unlikely)`: the number, and ICD 203's words.
  static func probability(_ value: Double) -> String { "\(percent(value)) (\(icd203Words(value)))" }

  static func interval(_ interval: Interval, percent isPercent: Bool = false) -> String {
    let low = isPercent ? percent(interval.low) : decimal(interval.low)
    let high = isPercent ? percent(interval.high) : decimal(interval.high)
    return "\(low) to \(high) with \(percent(interval.coverage))"
  }

  static func estimate(_ estimate: Estimate) -> String {
    let value = decimal(estimate.value)
    switch (estimate.low, estimate.high) {
    case (let low?, let high?): return "\(value) (\(decimal(low)) to \(decimal(high)))"
    case (let low?, nil): return "\(value) (at least \(decimal(low)))"
    case (nil, let high?): return "\(value) (at most \(decimal(high)))"
    case (nil, nil): return value
    }
  }

  /// `2026-08-14 00:30:00Z`: seconds are enough for people.
  static func time(_ moment: Timestamp) -> String {
    var seconds = moment
    seconds.nanoseconds -= ((moment.nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000
    return seconds.rfc3339.replacing("T", with: " ")
  }
}

extension Hypothesis {
  /// `Sandworm Team (G0034)`, or the id.
  var label: String { name.map { $0 == id ? id : "\($0) (\(id))" } ?? id }
}

extension ScaleLevel {
  /// `3 High (2 to 4)`.
  var label: String {
    let range = low == high ? "" : " (\(low) to \(high))"
    return "\(value)" + (name.map { " \($0)" } ?? "") + range
  }
}

extension ScaleScore {
  /// `71.5 of 100 (60 to 80 with 90 %)`.
  var label: String { "\(Text.decimal(value)) of \(Text.decimal(maximum)) (\(Text.interval(interval)))" }
}

extension Technique {
  var label: String { (name.map { "\(id) \($0)" } ?? id) + " \(Text.percent(probability))" }
}
