import ArgumentParser
import CasusEvents
import CasusJournal
import CasusLaunch
import CasusNames
import Glibc
import SystemFiles
import ZeroMQ

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a broker and its plugins, and end them together.",
    discussion: """
      Starts the broker and every plugin of the topology as a process of its own, makes their keys, waits until each is \
      ready, shows their logs by name, starts a crashed one again with growing pauses, stops a crash loop and says so. \
      Ctrl-C, SIGTERM or --for end all of them, the broker last; a second Ctrl-C kills what is left. When casus up \
      itself is killed, so are they.

      A new home is given a journal. In one that was used before a missing journal is a loss, and the broker says what can be done.

      Without a topology: a broker alone, with an operator's key, to try things by hand. Only with --accept-replay, or \
      accept_replay in the topology's broker, does the broker take what casus replay plays.

      Exit codes: 0 ended as asked; 1 a plugin or the broker was given up; 75 the home is in use; 78 the topology is \
      wrong; the broker's own code when it could not start (75 the port is in use).

      EXAMPLE: casus up deploy/topologies/demo.yaml --home casus-home --for 30s
      """)

  @Argument(help: ArgumentHelp("A topology in YAML.", valueName: "topology"))
  var topology: String?

  @OptionGroup var home: HomeOption

  @Option(name: .customLong("for"), help: ArgumentHelp("End all after 500ms, 30s, 5m, 2h.", valueName: "duration"))
  var span: String?

  @Flag(help: "The broker takes replays: for one that serves nothing live.")
  var acceptReplay = false

  @Flag(help: "Read the topology, say what is wrong with it, and end.")
  var check = false

  @Flag(help: "One JSON object a line, for logs and happenings alike.")
  var json = false

  func validate() throws {
    if let span, TimeSpan.nanoseconds(span) == nil {
      throw ValidationError("--for takes a span of time as 500ms, 30s, 5m or 2h, not \(span)")
    }
  }

  func run() async throws {
    let plan: LaunchPlan
    do {
      plan = try makePlan()
    } catch {
      throw Failure(reading: error)
    }
    if check {
      Terminal.write("the topology is good: a broker and \(plan.processes.count - 1) plugins\n")
      return
    }
    let printer = LogPrinter(
      form: json ? .json : Terminal.hasColour ? .colour : .plain, names: plan.processes.map(\.name), descriptor: 1,
      now: { Timestamp(nanoseconds: SystemClock.wall()) })
    let duration = span.flatMap(TimeSpan.nanoseconds)
    let watch = StatusWatch(
      link: LinkOptions(home: plan.home), plugins: plan.processes.dropFirst().map(\.name),
      exercise: plan.topology.broker.exercise)

    // A thread of its own, to the end: the kernel kills the children when the thread that forked them is gone.
    let result: Result<Int32, LaunchError> = try await withCheckedThrowingContinuation { continuation in
      do {
        let thread = try OwnedThread(name: "launcher") {
          var launcher = Launcher(plan: plan, printer: printer, watch: watch, duration: duration) {
            (folder) throws(LaunchError) in
            do throws(JournalError) { try FileJournal.make(folder) } catch {
              throw LaunchError(ExitStatus(error), "cannot make the journal: \(error)")
            }
          }
          do throws(LaunchError) {
            continuation.resume(returning: .success(try launcher.run()))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
        _ = thread
      } catch {
        continuation.resume(throwing: Failure(.failed, "\(error)"))
      }
    }
    switch result {
    case .success(0): return
    case .success(let code): throw Failure(ExitStatus(rawValue: code))
    case .failure(let error): throw Failure(error)
    }
  }

  private func makePlan() throws -> LaunchPlan {
    let environment = Environment.all
    let home = home.folder
    let own = Environment.ownFolder
    let find = { (name: String) in LaunchPlan.find(name, beside: own, path: environment["PATH"] ?? "") }
    var read = try topology.map { try TopologyFile.read($0, environment: environment) } ?? Topology(folder: home.path)
    if acceptReplay { read.broker.acceptsReplay = true }
    return try LaunchPlan(
      topology: read, topologyFile: topology ?? "casus up", home: home, environment: environment, find: find)
  }
}
