import CSuricataMapping
import CasusConfiguration
import CasusEvents
import CasusNames
import CasusPlugin
import CasusSensor
import Glibc
import Logging
import SystemFiles

/// Follows Suricata's EVE log and publishes what in it is a detection.
///
/// Keeps in its state folder `position.json` (how far it came) and `summary.json` (what became of every line; also one
/// log line `summary …`, at most every `summary_s` seconds and at the end).
@main
struct SuricataSensorPlugin: Plugin {
  static let manifest = Manifest(
    program: "suricata-sensor", version: Casus.version, summary: "Publishes detections from Suricata's EVE log.",
    publishes: [.detection], subscribes: [], outbox: .file)

  private let settings: SensorSettings
  private let detector: Detector
  private let store: PositionStore

  init(settings: Settings) throws {
    self.settings = try ConfigurationReader.settings(settings.path, as: SensorSettings.table) { SensorSettings($0) }
    detector = try Detector(self.settings)
    store = PositionStore(folder: settings.stateDirectory, log: self.settings.file)
    if self.settings.file != "-", !self.settings.follow, access(self.settings.file, R_OK) != 0 {
      throw SystemError(errno, "open", self.settings.file)
    }
  }

  func run(on bus: Bus) async throws {
    var loop = try makeLoop(bus.logger)
    do {
      try await read(&loop, bus)
    } catch {
      report(loop.summary, bus)
      throw error
    }
    report(loop.summary, bus)
  }

  private func makeLoop(_ logger: Logger) throws -> SensorLoop {
    guard settings.file != "-" else {
      let input = StandardInput(maximumLine: settings.maximumLineBytes)
      return try SensorLoop(source: .input(input), detector: detector, store: nil, name: "-", batch: settings.batch)
    }
    let kept = store.load()
    if let note = kept.note { logger.warning("\(note)") }
    let follower = try LogFollower(
      path: settings.file, positions: kept.positions, since: kept.saved, maximumLine: settings.maximumLineBytes,
      grace: Double(settings.rotationGraceSeconds))
    if !follower.hasFile { logger.info("the log isn't there yet", metadata: ["file": "\(settings.file)"]) }
    return try SensorLoop(
      source: .log(follower), detector: detector, store: store, name: settings.file, batch: settings.batch,
      summary: kept.summary)
  }

  private func read(_ loop: inout SensorLoop, _ bus: Bus) async throws {
    let clock = ContinuousClock()
    let start = ContinuousClock.now
    var lastReport = start
    var reported = Summary()
    let kept = KeptDrafts()
    loop.recovered(bus.leftCount)
    if bus.hasOutboxFile { kept.recover(on: bus) }
    func publish(_ drafts: [Draft]) async throws -> [SensorAnswer] {
      guard bus.hasOutboxFile else { return try await bus.publish(drafts).map { SensorAnswer($0) } }
      return try await kept.publish(drafts, on: bus)
    }
    func log(_ note: SensorNote) { bus.logger.log(note) }
    reading: while !Task.isCancelled {
      try loop.settle(kept.take(), log: log)
      let passed = start.duration(to: clock.now)
      switch try await loop.step(now: passed / .seconds(1), publish: publish, log: log) {
      case .lines: break
      case .closed: break reading
      case .idle:
        if !settings.follow, settings.file != "-" { break reading }
        bus.health(loop.summary.refused == 0 ? .ok : .degraded, loop.summary.healthText)
        try await Task.sleep(for: .milliseconds(settings.pollMilliseconds))
      }
      if loop.summary != reported, lastReport.duration(to: clock.now) >= .seconds(settings.summarySeconds) {
        report(loop.summary, bus)
        (reported, lastReport) = (loop.summary, clock.now)
      }
    }
    if !Task.isCancelled { try await loop.finish(publish: publish, log: log) }
    // A log that has an end is done with when the broker has all of it.
    while kept.isWaiting, !Task.isCancelled { try await Task.sleep(for: .milliseconds(20)) }
    try loop.settle(kept.take(), log: log)
  }

  private func report(_ summary: Summary, _ bus: Bus) {
    bus.logger.info("\(summary.logLine)")
    bus.health(summary.refused == 0 ? .ok : .degraded, summary.healthText)
    do {
      try store.save(summary)
    } catch {
      bus.logger.warning("the summary cannot be kept", metadata: ["reason": "\(error)"])
    }
  }
}

extension Detector {
  /// Reads the mapping and the assets that the settings name.
  init(_ settings: SensorSettings) throws {
    let mapping: Mapping
    if let path = settings.mapping {
      mapping = try Mapping(yaml: try Files.text(path), file: path)
    } else {
      let carried = UnsafeBufferPointer(start: casus_suricata_mapping, count: casus_suricata_mapping_size)
      mapping = try Mapping(yaml: String(decoding: carried, as: UTF8.self), file: "mapping.yaml")
    }
    var entries = settings.assets
    if let path = settings.assetsFile { entries += try AssetList.entries(yaml: try Files.text(path), file: path) }
    self.init(
      mapping: mapping, assets: AssetList(entries), tlp: settings.tlp, exercise: settings.exercise,
      admiralty: settings.admiralty, excerptBytes: settings.excerptBytes)
  }
}
