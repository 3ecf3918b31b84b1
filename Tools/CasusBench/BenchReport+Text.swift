internal import FoundationEssentials

extension BenchReport {
  /// A few lines for people.
  public var text: String {
    func count(_ value: Double) -> String { Self.grouped(UInt64(max(0, value.rounded()))) }
    func milliseconds(_ latency: Latency) -> String {
      "p50 \(Self.figure(latency.p50))  p99 \(Self.figure(latency.p99))  p99.9 \(Self.figure(latency.p999))  "
        + "most \(Self.figure(latency.max)) ms"
    }
    let events = max(1, Double(published))
    var lines = [
      "published    \(count(publishedPerSecond))/s, \(Self.grouped(published)) events of \(plan.size) bytes",
      "delivered    \(count(deliveredPerSecond))/s, \(Self.grouped(delivered)); lost \(lost), repeated \(repeated), "
        + "out of order \(disordered), refused \(refused)",
      "acknowledged \(milliseconds(acknowledged))",
      "delivery     \(milliseconds(delivery))",
      "broker       \(Self.figure(broker.cpuSeconds)) s CPU, \(Self.figure(broker.cpuSeconds / events * 1e6)) µs an event; "
        + "\(Self.figure(broker.rssMegabytes)) MB resident, \(Self.figure(broker.idleMegabytes)) idle"
        + (broker.allocationsPerEvent.map { "; \(Self.figure($0)) allocations an event" } ?? ""),
      "workers      \(Self.figure(publishers.cpuSeconds)) s CPU publishing, \(Self.figure(subscribers.cpuSeconds)) s reading",
    ]
    if let start = broker.startMilliseconds, let final = broker.finalMegabytes {
      lines.append("             listened after \(Self.figure(start)) ms; \(Self.figure(final)) MB resident at the end")
    }
    if let growth {
      if growth.journalEvents > 0 {
        lines += [
          "journal      \(Self.grouped(growth.journalEvents)) events when it began",
          "by sequence  \(milliseconds(growth.seekBySequence)) to the first event",
          "by time      \(milliseconds(growth.seekByTime))",
        ]
      }
      if growth.history > 0 { lines.append("history      \(count(growth.historyPerSecond))/s read beside") }
      if growth.duplicates > 0 { lines.append("duplicates   \(Self.grouped(growth.duplicates)), all recognised") }
      if growth.crowdCPUSeconds > 0 {
        lines.append("crowd        \(Self.figure(growth.crowdCPUSeconds)) s CPU of the idle plugins")
      }
    }
    if let firstRefusal { lines.append("refused      \(firstRefusal)") }
    return lines.joined(separator: "\n") + "\n"
  }

  static func grouped(_ value: UInt64) -> String {
    var text = ""
    for (place, digit) in String(value).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// Three digits that count.
  static func figure(_ value: Double) -> String {
    let decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    let whole = UInt64(max(0, scaled / scale))
    guard decimals > 0 else { return grouped(whole) }
    let rest = String(UInt64(scaled) % UInt64(scale))
    return "\(whole)." + String(repeating: "0", count: decimals - rest.count) + rest
  }
}

/// Two reports of the same plan, side by side. A figure is slower when it is worse by over a tenth.
public struct BenchComparison: Sendable {
  public struct Row: Sendable {
    public var name: String
    public var before: Double
    public var after: Double
    /// Above one is better.
    public var gain: Double
    public var isSlower: Bool { gain < 0.9 }
  }

  public let rows: [Row]
  /// What differs between the plans: then the figures do not compare.
  public let plansDiffer: Bool

  public init(from before: BenchReport, to after: BenchReport) {
    plansDiffer = before.plan != after.plan
    func row(_ name: String, _ value: (BenchReport) -> Double, more isBetter: Bool) -> Row? {
      let (old, new) = (value(before), value(after))
      guard old > 0, new > 0 else { return nil }
      return Row(name: name, before: old, after: new, gain: isBetter ? new / old : old / new)
    }
    rows = [
      row("published/s", { $0.publishedPerSecond }, more: true),
      row("delivered/s", { $0.deliveredPerSecond }, more: true),
      row("acknowledged p50 ms", { $0.acknowledged.p50 }, more: false),
      row("acknowledged p99 ms", { $0.acknowledged.p99 }, more: false),
      row("delivery p50 ms", { $0.delivery.p50 }, more: false),
      row("delivery p99 ms", { $0.delivery.p99 }, more: false),
      row("broker µs CPU an event", { $0.broker.cpuSeconds / max(1, Double($0.published)) * 1e6 }, more: false),
      row("broker MB resident", { $0.broker.rssMegabytes }, more: false),
    ].compactMap { $0 }
  }

  public var isSlower: Bool { rows.contains(where: \.isSlower) }

  public var text: String {
    var text = plansDiffer ? "the baseline is of another plan: the figures do not compare\n" : ""
    for row in rows {
      text += "\(row.isSlower ? "slower" : row.gain > 1.1 ? "faster" : "same  ")  \(row.name): "
      text +=
        "\(BenchReport.figure(row.before)) -> \(BenchReport.figure(row.after)) (\(BenchReport.figure(row.gain))×)\n"
    }
    return text
  }
}
