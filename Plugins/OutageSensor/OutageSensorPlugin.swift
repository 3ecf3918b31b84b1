import CasusEvents
import CasusPlugin
import CasusSensor
import FoundationEssentials
import Logging

/// Reads operators' outage reports from a drop folder and publishes them as effects; a later report of the same number
/// supersedes the earlier one. Keeps `reports.json` (what was read) and `summary.json` in its state folder.
@main
struct OutageSensorPlugin: Plugin {
  static let manifest = Manifest(
    program: "outage-sensor", version: "0.1.0", summary: "Publishes operators' outage reports.",
    publishes: [.effect], subscribes: [], outbox: .file)

  private let settings: OutageSettings
  private let state: String

  init(settings: Settings) throws {
    self.settings = try settings.decode(OutageSettings.self)
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
    var reported: OutageSummary?
    func publish(_ drafts: [Draft]) async throws -> [SensorAnswer] {
      try await bus.publish(drafts).map(SensorAnswer.init)
    }
    repeat {
      try await loop.step(publish: publish) { note in bus.logger.log(note) }
      if loop.summary != reported {
        report(loop.summary, bus)
        reported = loop.summary
      }
      if settings.follow { try await Task.sleep(for: .milliseconds(settings.pollMilliseconds)) }
    } while settings.follow && !Task.isCancelled
  }

  private func report(_ summary: OutageSummary, _ bus: Bus) {
    bus.logger.info("\(summary.logLine)")
    bus.health(summary.refused + summary.broken == 0 ? .ok : .degraded, summary.healthText)
    do {
      try replaceFile(state + "/summary.json", with: try canonicalJSON(summary) + [0x0A])
    } catch {
      bus.logger.warning("the summary cannot be kept", metadata: ["reason": "\(error)"])
    }
  }
}

extension SensorAnswer {
  init(_ outcome: PublishOutcome) {
    switch outcome {
    case .accepted(_, let duplicate, _): self = duplicate ? .duplicate : .accepted
    case .refused(let refusal): self = .refused("\(refusal)")
    }
  }
}

extension Logger {
  func log(_ note: SensorNote) {
    log(level: note.isWarning ? .warning : .info, "\(note.text)", metadata: note.values.mapValues { "\($0)" })
  }
}
