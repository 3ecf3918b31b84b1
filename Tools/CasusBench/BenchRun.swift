internal import CasusEvents
internal import CasusLaunch
internal import FoundationEssentials
internal import Glibc
internal import ZeroMQ

/// One measurement: starts a broker and its workers as processes, gives the orders, gathers the figures.
///
/// Call it on the main thread: its children end with the thread that made them.
public final class BenchRun {
  private let plan: BenchPlan
  private let programs: Programs
  private let folder: BenchFolder
  private let socket: Socket
  private var children: [Child] = []
  private var workers: [[UInt8]: String] = [:]
  /// Names of processes that were started and have not said hello.
  private var waiting: [String] = []
  private var startMilliseconds = 0.0
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
  ///   - home: a folder to use and to keep, with its journal, for the next measurement; nil: one in `parent`, removed at
  ///     the end.
  ///   - settings: further lines of the broker's configuration.
  ///   - progress: told the share of the time and the events acknowledged so far, a few times a second.
  public static func measure(
    _ plan: BenchPlan, _ programs: Programs, in parent: String, home: String? = nil, settings: [String] = [],
    progress: (Double, UInt64) -> Void
  ) throws -> BenchReport {
    if let problem = plan.problem { throw BenchError(problem) }
    let run = try BenchRun(plan, programs, parent, home, settings)
    do {
      let report = try run.whole(progress)
      run.end()
      return report
    } catch {
      run.end()
      throw error
    }
  }

  private init(
    _ plan: BenchPlan, _ programs: Programs, _ parent: String, _ home: String?, _ settings: [String]
  ) throws {
    self.plan = plan
    self.programs = programs
    folder = try BenchFolder(
      plan, in: plan.sync == .memory ? "/dev/shm" : parent, home: home, settings: settings)
    socket = try Socket(.router)
    try socket.setSendHighWaterMark(0)
    try socket.bind(folder.orders)
    counter = programs.allocationCounter == nil ? nil : AllocationCounter("\(folder.path)/allocations")
    var environment = ["PATH": "/usr/bin:/bin"]
    if let counter, let library = programs.allocationCounter {
      environment["LD_PRELOAD"] = library
      environment["CASUS_ALLOCATION_COUNTER"] = counter.path
    }
    let began = steadyNow()
    try start("broker", programs.casusd, ["casusd", "--config", "casusd.yaml"], environment)
    let deadline = began + 60_000_000_000
    while folder.endpoint() == nil {
      if let exit = ChildProcess.reap(children[0].pid) { throw BenchError("casusd ended (\(exit)): \(output())") }
      guard steadyNow() < deadline else { throw BenchError("casusd did not listen within 60 s: \(output())") }
      usleep(1_000)
    }
    startMilliseconds = Double(steadyNow() - began) / 1e6
  }

  /// Starts these workers and waits until each has said that it is ready.
  private func gather(_ names: [String]) throws {
    waiting = names
    for name in names {
      try start(name, programs.worker, programs.workerArguments + [folder.orders], ["PATH": "/usr/bin:/bin"])
    }
    var ready: Set<String> = []
    while ready.count < names.count {
      let (peer, word) = try hear(within: 60)
      switch word {
      case .hello: try enlist(peer)
      case .ready: if let name = workers[peer] { ready.insert(name) }
      default: break
      }
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
    let growth = plan.growth ?? BenchGrowth()
    func named(_ kind: String, _ count: Int) -> [String] { (0..<count).map { "bench/\(kind)\($0 + 1)" } }
    // The journal before the others add to it.
    let sought = try growth.seeks > 0 ? seek() : nil
    try gather(named("i", growth.crowds))
    try gather(named("s", plan.subscribers) + named("h", growth.historyReaders) + named("p", plan.publishers))
    let start = steadyNow() + 50_000_000
    let end = start + UInt64((growth.events > 0 ? 86_400 : plan.duration) * 1e9)
    let broker = children[0].pid
    var gauge = BrokerGauge(pid: broker, counter: counter, startMilliseconds: startMilliseconds)
    let crowdBefore = crowdCPUSeconds
    try tell(.go(start: start, end: end), to: "p")
    try tell(.go(start: start, end: end), to: "h")
    var published: [String: PublishFigures] = [:]
    var soFar: [String: UInt64] = [:]
    while published.count < plan.publishers {
      let (peer, word) = try hear(within: plan.duration + 60)
      guard let name = workers[peer] else { continue }
      switch word {
      case .progress(let count):
        soFar[name] = count
        let total = soFar.values.reduce(0, +)
        let share =
          growth.events > 0
          ? Double(total) / Double(growth.events) : Double(steadyNow() - start) / Double(end - start)
        gauge.look(at: share, events: total)
        progress(min(1, share), total)
      case .published(let figures):
        published[name] = figures
        soFar[name] = figures.accepted
      default: break
      }
    }
    gauge.look(at: 1, events: soFar.values.reduce(0, +))
    let crowd = crowdCPUSeconds - crowdBefore
    try tell(.finish(expected: published.mapValues(\.accepted)), to: "h")
    let history = try figures(of: growth.historyReaders)
    try tell(.finish(expected: published.mapValues(\.accepted)), to: "s")
    let read = try figures(of: plan.subscribers)
    gauge.end()
    try tell(.stop, to: "")
    var report = BenchReport(plan, start: start, published: Array(published.values), read: read, broker: gauge)
    if plan.growth != nil { report.add(sought, history, start: start, crowd, Array(published.values)) }
    return report
  }

  private func seek() throws -> SeekFigures {
    try gather(["bench/q1"])
    try tell(.go(start: 0, end: 0), to: "q")
    while true { if case .sought(let figures) = try hear(within: 120).word { return figures } }
  }

  private func figures(of count: Int) throws -> [ReadFigures] {
    var read: [ReadFigures] = []
    while read.count < count { if case .read(let figures) = try hear(within: 120).word { read.append(figures) } }
    return read
  }

  private var crowdCPUSeconds: Double {
    children.filter { $0.name.hasPrefix("bench/i") }.reduce(0) { $0 + ProcessFigures.cpuSeconds(of: $1.pid) }
  }

  private func enlist(_ peer: [UInt8]) throws {
    guard let name = waiting.first, let keys = folder.keys[name], let endpoint = folder.endpoint() else { return }
    waiting.removeFirst()
    workers[peer] = name
    var order = WorkerOrder(
      plan: plan, endpoint: endpoint, brokerKey: folder.brokerKey.z85, publicKey: keys.publicKey.z85,
      secretKey: keys.secretKey.z85, identity: name, rate: plan.rate / Double(max(1, plan.publishers)))
    if let growth = plan.growth {
      if growth.events > 0 { order.events = growth.events / UInt64(max(1, plan.publishers)) }
      if order.kind == "i", let number = Int(name.dropFirst("bench/i".count)) { crowd(number, growth, &order) }
    }
    try socket.send(frames: [peer, canonicalJSON(Order.work(order))])
  }

  /// The idle plugins of one process; every process has its share of those that subscribe.
  private func crowd(_ number: Int, _ growth: BenchGrowth, _ order: inout WorkerOrder) {
    for plugin in stride(from: number, through: growth.idle, by: growth.crowds) {
      order.crowd["bench/i\(plugin)"] = folder.keys["bench/i\(plugin)"]?.secretKey.z85
    }
    order.crowdSubscribers = growth.idleSubscribers / growth.crowds
    if number <= growth.idleSubscribers % growth.crowds { order.crowdSubscribers += 1 }
  }

  private func tell(_ order: Order, to kind: String) throws {
    let bytes = try canonicalJSON(order)
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
    let word = try readJSON(Word.self, frames[1])
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
