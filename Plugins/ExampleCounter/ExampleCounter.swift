import CasusEvents
import CasusPlugin

/// The smallest useful plugin, to begin from: a finding of its own when one asset was hit for the tenth time.
@main
struct ExampleCounter: Analyzer {
  static let manifest = Manifest(
    program: "example-counter", version: "1.0.0", summary: "Says so when one asset was hit ten times.",
    publishes: [.detection], subscribes: ["casus.detection.v1"])
  static let analytic = Analytic(name: "ten hits on one asset", kind: .statistical)
  var hits: [String: [RecordedEvent]] = [:]

  init(settings: Settings) {}

  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    let detection = try event.data(as: Detection.self)
    guard let asset = detection.asset, detection.finding.analytic != Self.analytic else { return [] }
    hits[asset.id, default: []].append(event.detached())
    guard let all = hits[asset.id], all.count == 10, let first = all[0].envelope.time else { return [] }
    let id = derivedID("ten-hits", asset.id, all[0].envelope.id)
    let burst = Detection(
      finding: Finding(uid: id, title: "\(asset.id) was hit ten times", analytic: Self.analytic), severityID: 3,
      firstSeen: first, lastSeen: detection.lastSeen, count: 10, asset: asset, refs: all.map(\.reference))
    let tlp = TLP.strictest(all.map(\.envelope.tlp))
    let exercise = all.contains { $0.envelope.exercise }
    return [Draft(burst, id: id, subject: asset.id, time: event.envelope.time, tlp: tlp, exercise: exercise)]
  }
}
