public import ArgumentParser
public import CasusBench
import CasusEvents
import FoundationEssentials
import Glibc

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "casus bench",
    abstract: "Measure a broker of its own on this machine: events a second, latencies, what it costs.",
    discussion: """
      Starts casusd and a process for each publisher and subscriber, publishes for a while, and counts every event at both \
      ends. Latencies are from the moment when an event was due (with --rate that is the timetable, so that a stall \
      counts for all whom it kept waiting) to its acknowledgement, and to its delivery.

      Exit codes: 0 everything that was acknowledged was delivered once and in order; 1 not, or slower than the baseline \
      by over a tenth; 64 wrong use; 65 or 66 the baseline is damaged or missing; 70 the measurement failed.

      EXAMPLE: casus bench --publishers 4 --subscribers 4 --size 512 --duration 10
      EXAMPLE: casus bench --rate 1000 --batch 1 --json > today.json; casus bench --rate 1000 --batch 1 --baseline today.json
      """)

  @Option(help: "Processes that publish.") var publishers = BenchPlan().publishers
  @Option(help: "Processes that read everything.") var subscribers = BenchPlan().subscribers
  @Option(help: "Bytes of an event, \(LoadEvent.smallest) to 65,536.") var size = BenchPlan().size
  @Option(help: "Events in a batch at most.") var batch = BenchPlan().batch
  @Option(help: "Events a second in all; 0: as fast as they are acknowledged.") var rate = BenchPlan().rate
  @Option(help: "Batches of a publisher on their way at once.") var inFlight = BenchPlan().inFlight
  @Option(help: "on or off: whether connections are encrypted and keys proven.") var curve = Switch.on
  @Option(help: "What an acknowledgement waits for: disk, os or memory.") var sync = BenchPlan.Sync.disk
  @Option(help: "tcp or ipc.") var transport = BenchPlan.Transport.tcp
  @Option(help: "on or off: whether subscribers acknowledge.") var durable = Switch.on
  @Option(help: "Seconds of publishing.") var duration = BenchPlan().duration
  @Option(help: ArgumentHelp("Where the journal stands while it is measured.", valueName: "dir")) var folder: String?
  @Option(help: ArgumentHelp("A folder to use and keep, with its journal, instead.", valueName: "dir")) var home:
    String?
  @Option(help: "Ends after so many events instead of the duration.") var events: UInt64 = 0
  @Option(help: "Further plugins that are connected and idle.") var idle = 0
  @Option(help: "Of these, those that subscribe to what nobody publishes.") var idleSubscribers = 0
  @Option(help: "Processes that read the journal from its beginning meanwhile.") var historyReaders = 0
  @Option(help: "Subscriptions begun all over the journal, each timed until its first event.") var seeks = 0
  @Option(help: "Schemas of further types.") var schemas = 0
  @Flag(help: "Send each batch twice: half of the events are duplicates.") var repeats = false
  @Option(help: ArgumentHelp("A further line of casusd.yaml.", valueName: "line")) var setting: [String] = []
  @Option(help: ArgumentHelp("An earlier --json to compare with.", valueName: "file")) var baseline: String?
  @Flag(help: "One JSON object.") var json = false

  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  private var plan: BenchPlan {
    var plan = BenchPlan()
    plan.publishers = publishers
    plan.subscribers = subscribers
    plan.size = size
    plan.batch = batch
    plan.rate = rate
    plan.inFlight = inFlight
    plan.curve = curve == .on
    plan.sync = sync
    plan.transport = transport
    plan.durable = durable == .on
    plan.duration = duration
    var growth = BenchGrowth()
    growth.events = events
    growth.idle = idle
    growth.idleSubscribers = idleSubscribers
    growth.historyReaders = historyReaders
    growth.seeks = seeks
    growth.schemas = schemas
    growth.repeats = repeats
    if growth != BenchGrowth() || home != nil { plan.growth = growth }
    return plan
  }

  func validate() throws {
    if let problem = plan.problem { throw ValidationError(problem) }
  }

  func run() throws {
    let earlier = try baseline.map(readBaseline)
    let own = try ownFolder()
    let library = "\(own)/libcasus-allocations.so"
    let programs = BenchRun.Programs(
      casusd: "\(own)/casusd", worker: "\(own)/casus-bench", workerArguments: ["casus-bench", "bench-worker"],
      allocationCounter: access(library, R_OK) == 0 ? library : nil)
    let parent = folder ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let counter = Counter()
    let report: BenchReport
    do {
      report = try BenchRun.measure(plan, programs, in: parent, home: home.map(absolute), settings: setting) {
        _, events in
        counter.show(events)
      }
    } catch {
      counter.clear()
      throw Failure.fault("the measurement failed: \(error)")
    }
    counter.clear()
    let changes = earlier.map { BenchComparison(from: $0, to: report) }
    if json {
      print(String(decoding: try canonicalJSON(report), as: UTF8.self))
      if let changes { complain(changes.text) }
    } else {
      print(report.text, terminator: "")
      if let changes { print(changes.text, terminator: "") }
    }
    if !report.isWhole { throw Failure.partly("not every event arrived once and in order") }
    if changes?.isSlower == true { throw Failure.partly() }
  }

  /// The folder of this program: the daemon and the counter of allocations stand beside it.
  private func ownFolder() throws -> String {
    try URL(filePath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().path
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  private func readBaseline(_ path: String) throws -> BenchReport {
    guard let data = FileManager.default.contents(atPath: path) else { throw Failure.noInput("cannot read \(path)") }
    do { return try readJSON(BenchReport.self, Array(data)) } catch {
      throw Failure.damaged("\(path) is not what casus bench --json prints: \(error)")
    }
  }
}

extension BenchPlan.Sync: ExpressibleByArgument {}
extension BenchPlan.Transport: ExpressibleByArgument {}
