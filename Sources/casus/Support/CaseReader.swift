import ArgumentParser
import CasusCases
import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import IJSON
import SystemFiles

/// Where a command that looks at cases finds the policies.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A policy in YAML: parties, signers, how many must sign. Those in the home's folder policies are known anyway.",
      valueName: "file"))
  var policy: [String] = []

  /// The policies by file: those given, then the home's.
  func read(_ home: Home) throws -> [(file: String, policy: CasePolicy)] {
    try (policy + home.policyFiles()).map { path in (path, try Self.read(path)) }
  }

  private static func read(_ path: String) throws -> CasePolicy {
    do {
      return try CasePolicy.read(Files.read(path), file: path)
    } catch {
      throw Failure(reading: error)
    }
  }
}

/// The whole journal up to now, folded into incidents and cases.
struct CaseReading {
  var projection: CaseProjection
  /// Every decision's event, whoever signed it: cosigning needs the very bytes.
  var decisions: [Decision] = []
}

extension Bus {
  /// Reads the journal from its first event to its present last one.
  func cases(_ policies: [CasePolicy]) async throws -> CaseReading {
    var reading = CaseReading(projection: CaseProjection(policies: policies))
    var progress = Progress("read")
    for try await event in try await subscribe(Subscription(types: [">"], from: .earliest, until: .last)) {
      reading.projection.apply(event)
      if event.envelope.type == .decision, let decision = try? event.data(as: Decision.self) {
        reading.decisions.append(decision)
      }
      progress.advance(to: event.stamp.sequence)
    }
    progress.finish()
    return reading
  }
}

extension EvidenceMarks {
  /// As a member of what is said of a case.
  func write(_ json: inout JSONWriter) {
    json.object("marked") { json in
      json.int("replayed", replayed)
      json.int("exercise", exercise)
    }
  }
}

extension Failure {
  init(_ error: CaseError) { self.init(error.code == .policy ? .configuration : .partly, error.message) }
}

/// Now, for what people write.
func currentTime() -> Timestamp {
  // Whole milliseconds: nobody opens a case by the nanosecond.
  Timestamp(nanoseconds: SystemClock.wall() / 1_000_000 * 1_000_000)
}
