import CasusConfiguration
import CasusEvents
import CasusNames
import CasusPlugin
import CasusSensor
import Logging
import SystemFiles

/// Reads operators' outage reports from a drop folder and publishes them as effects; a later report of the same number
/// supersedes the earlier one. Keeps `reports.json` (what was read) and `summary.json` in its state folder.
@main
struct OutageSensorPlugin: Plugin {
  static let manifest = Manifest(
    program: "outage-sensor", version: Casus.version, summary: "Publishes operators' outage reports.",
    publishes: [.effect], subscribes: [], outbox: .file)

  private let settings: OutageSettings
  private let state: String

  init(settings: Settings) throws {
    self.settings = try ConfigurationReader.settings(settings.path, as: OutageSettings.table) { OutageSettings($0) }
    state = settings.stateDirectory
    var folder = DropFolder(path: self.settings.folder)
    _ = try folder.look()
  }

  func run(on bus: Bus) async throws {
    let path = state + "/reports.json"
    let (book, note) = ReportBook.load(path)
    if let note { bus.logger.warning("\(note)") }
    var loop = OutageLoop(
      folder: DropFolder(path: settings.folder, isPatient: settings.follow), book: book, settings: settings,
      bookPath: path, source: "//\(bus.identity)")
    let kept = KeptDrafts()
    loop.recover(left: bus.leftIDs)
    if bus.hasOutboxFile { kept.recover(on: bus) }
    do {
      try await read(&loop, kept, bus)
    } catch {
      try finish(&loop, kept, bus)
      throw error
    }
    try finish(&loop, kept, bus)
  }

  private func read(_ loop: inout OutageLoop, _ kept: KeptDrafts, _ bus: Bus) async throws {
    var reported: OutageSummary?
    func publish(_ drafts: [Draft]) async throws -> [SensorAnswer] {
      guard bus.hasOutboxFile else { return try await bus.publish(drafts).map { SensorAnswer($0) } }
      return try await kept.publish(drafts, on: bus)
    }
    func log(_ note: SensorNote) { bus.logger.log(note) }
    repeat {
      try loop.settle(kept.take(), log: log)
      try await loop.step(publish: publish, log: log)
      if loop.summary != reported {
        report(loop.summary, bus)
        reported = loop.summary
      }
      if settings.follow { try await Task.sleep(for: .milliseconds(settings.pollMilliseconds)) }
    } while (settings.follow || !loop.folder.isSettled) && !Task.isCancelled
    // A folder that is read once is done with when the broker has all of it.
    while !settings.follow, kept.isWaiting, !Task.isCancelled { try await Task.sleep(for: .milliseconds(20)) }
  }

  /// The answers so far; what comes later is for the next run.
  private func finish(_ loop: inout OutageLoop, _ kept: KeptDrafts, _ bus: Bus) throws {
    try loop.settle(kept.take()) { bus.logger.log($0) }
    report(loop.summary, bus)
  }

  private func report(_ summary: OutageSummary, _ bus: Bus) {
    bus.logger.info("\(summary.logLine)")
    bus.health(summary.refused + summary.broken == 0 ? .ok : .degraded, summary.healthText)
    do {
      try Files.replace(state + "/summary.json", with: try canonicalJSON(summary) + [0x0A], mode: 0o600, sync: false)
    } catch {
      bus.logger.warning("the summary cannot be kept", metadata: ["reason": "\(error)"])
    }
  }
}
