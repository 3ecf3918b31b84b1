internal import CasusLaunch
internal import FoundationEssentials
internal import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#endif

/// One measurement: starts a broker and its workers as processes, gives the orders, gathers the figures.
///
/// Call it on the main thread: its children end with the thread that made them.
public final class BenchRun {
  private let plan: BenchPlan
  private let folder: BenchFolder
  private let socket: Socket
  private var children: [Child] = []
  private var workers: [[UInt8]: String] = [:]
  private var waiting: [String]
  private let counter: AllocationCounter?

  private struct Child {
    var name: String
    var pid: Int32
    var outputs: [Int32]
  }

  public struct Programs: Sendable {
    /// Absolute paths.
    public var casusd: String
    /// The program that calls ``BenchWorker/run(_:)`` with the last of its arguments.
    public var worker: String
    public var workerArguments: [String]
    /// Counts allocations when it is preloaded; nil: they are not counted.
    public var allocationCounter: String?

    public init(casusd: String, worker: String, workerArguments: [String], allocationCounter: String?) {
      self.casusd = casusd
      self.worker = worker
      self.workerArguments = workerArguments
      self.allocationCounter = allocationCounter
    }
  }

  /// Makes a measurement and cleans up, whatever happens.
  ///
  /// - Parameters:
  ///   - parent: an existing folder on the disk that is to be measured.
  ///   - settings: further lines of the broker's configuration.
  ///   - progress: told the share of the time and the events acknowledged so far, a few times a second.
  public static func measure(
    _ plan: BenchPlan, _ programs: Programs, in parent: String, settings: [String] = [],
    progress: (Double, UInt64) -> Void
  ) throws -> BenchReport {
    if let problem = plan.problem { throw BenchError(problem) }
    let run = try BenchRun(plan, programs, parent, settings)
    do {
      let report = try run.whole(progress)
      run.end()
      return report
    } catch {
      run.end()
      throw error
    }
  }

  private init(_ plan: BenchPlan, _ programs: Programs, _ parent: String, _ settings: [String]) throws {
    self.plan = plan
    folder = try BenchFolder(plan, in: plan.sync == .memory ? "/dev/shm" : parent, settings: settings)
    socket = try Socket(.router)
    try socket.setSendHighWaterMark(0)
    try socket.bind(folder.orders)
    waiting = (0..<plan.subscribers).map { "bench/s\($0 + 1)" } + (1...plan.publishers).map { "bench/p\($0)" }
    counter = programs.allocationCounter == nil ? nil : AllocationCounter("\(folder.path)/allocations")
    var environment = ["PATH": "/usr/bin:/bin"]
    if let counter, let library = programs.allocationCounter {
      environment["LD_PRELOAD"] = library
      environment["CASUS_ALLOCATION_COUNTER"] = counter.path
    }
    try start("broker", programs.casusd, ["casusd", "--config", "casusd.yaml"], environment)
    let deadline = steadyNow() + 30_000_000_000
    while folder.endpoint() == nil {
      if let exit = ChildProcess.reap(children[0].pid) { throw BenchError("casusd ended (\(exit)): \(output())") }
      guard steadyNow() < deadline else { throw BenchError("casusd did not listen within 30 s: \(output())") }
      usleep(5_000)
    }
    for name in waiting {
      try start(name, programs.worker, programs.workerArguments + [folder.orders], ["PATH": "/usr/bin:/bin"])
    }
  }

  private func start(
    _ name: String, _ program: String, _ arguments: [String], _ environment: [String: String]
  ) throws {
    let started = try ChildProcess.start(
      LaunchPlan.Process(name: name, program: program, arguments: arguments, folder: folder.path),
      environment: environment)
    children.append(Child(name: name, pid: started.pid, outputs: [started.output, started.errors]))
  }

  /// What the broker printed.
  private func output() -> String {
    var text = ""
    var bytes = [UInt8](repeating: 0, count: 4096)
    for descriptor in children[0].outputs {
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 { text += String(decoding: bytes[..<count], as: UTF8.self) }
    }
    return text
  }

  // MARK: The run

  private func whole(_ progress: (Double, UInt64) -> Void) throws -> BenchReport {
    var ready: Set<String> = []
    let all = Set(waiting)
    while ready != all {
      let (peer, word) = try hear(within: 30)
      switch word {
      case .hello: try enlist(peer)
      case .ready: if let name = workers[peer] { ready.insert(name) }
      default: break
      }
    }
    let start = steadyNow() + 50_000_000
    let end = start + UInt64(plan.duration * 1e9)
    let broker = children[0].pid
    var gauge = BrokerGauge(pid: broker, counter: counter)
    try tell(.go(start: start, end: end), to: "p")
    var published: [String: PublishFigures] = [:]
    var soFar: [String: UInt64] = [:]
    while published.count < plan.publishers {
      let (peer, word) = try hear(within: plan.duration + 60)
      guard let name = workers[peer] else { continue }
      switch word {
      case .progress(let count):
        soFar[name] = count
        let total = soFar.values.reduce(0, +)
        let share = Double(steadyNow() - start) / Double(end - start)
        gauge.look(at: share, events: total)
        progress(min(1, share), total)
      case .published(let figures):
        published[name] = figures
        soFar[name] = figures.accepted
      default: break
      }
    }
    gauge.look(at: 1, events: soFar.values.reduce(0, +))
    try tell(.finish(expected: published.mapValues(\.accepted)), to: "s")
    var read: [String: ReadFigures] = [:]
    while read.count < plan.subscribers {
      let (peer, word) = try hear(within: 120)
      if case .read(let figures) = word, let name = workers[peer] { read[name] = figures }
    }
    gauge.end()
    try tell(.stop, to: "")
    return BenchReport(
      plan, start: start, published: Array(published.values), read: Array(read.values), broker: gauge)
  }

  private func enlist(_ peer: [UInt8]) throws {
    guard let name = waiting.first, let keys = folder.keys[name], let endpoint = folder.endpoint() else { return }
    waiting.removeFirst()
    workers[peer] = name
    let order = WorkerOrder(
      plan: plan, endpoint: endpoint, brokerKey: folder.brokerKey.z85, publicKey: keys.publicKey.z85,
      secretKey: keys.secretKey.z85, identity: name, rate: plan.rate / Double(plan.publishers))
    try socket.send(frames: [peer, [UInt8](JSONEncoder().encode(Order.work(order)))])
  }

  private func tell(_ order: Order, to kind: String) throws {
    let bytes = [UInt8](try JSONEncoder().encode(order))
    for (peer, name) in workers where name.hasPrefix("bench/\(kind)") { try socket.send(frames: [peer, bytes]) }
  }

  private func hear(within seconds: Double) throws -> (peer: [UInt8], word: Word) {
    var poller = Poller()
    poller.add(socket)
    let deadline = steadyNow() + UInt64(seconds * 1e9)
    while try poller.wait(for: .milliseconds(200)) == 0 {
      if ChildProcess.reap(children[0].pid) != nil { throw BenchError("casusd ended: \(output())") }
      guard steadyNow() < deadline else { throw BenchError("a worker said nothing for \(Int(seconds)) s") }
    }
    let frames = try socket.receiveFrames()
    let word = try JSONDecoder().decode(Word.self, from: Data(frames[1]))
    if case .failed(let message) = word { throw BenchError(message) }
    return (frames[0], word)
  }

  /// Ends every process that was started, and waits for it.
  private func end() {
    for child in children.reversed() {
      ChildProcess.signal(child.pid, child.name == "broker" ? SIGTERM : SIGKILL)
      let deadline = steadyNow() + 10_000_000_000
      while ChildProcess.reap(child.pid) == nil {
        if steadyNow() > deadline { ChildProcess.signal(child.pid, SIGKILL) }
        usleep(2_000)
      }
      for descriptor in child.outputs { close(descriptor) }
    }
    children = []
  }
}
