internal import CPlatform
internal import CasusNames
internal import Glibc
internal import SystemFiles

/// Runs a plan to its end: forks, waits, prints and signals as the `Supervisor` says.
///
/// Everything happens on the thread that calls `run`, which has to live as long as the children: the kernel kills them
/// when it ends. Not thread-safe and for one run.
public struct Launcher: ~Copyable {
  private struct Child {
    var pid: Int32
    var output: Int32
    var errors: Int32
    var outputLines = LineBuffer()
    var errorLines = LineBuffer()
  }

  private let plan: LaunchPlan
  private let files: BrokerFiles
  private let watch: any BrokerWatch
  private let duration: Int64?
  private let makeJournal: (String) throws(LaunchError) -> Void
  private var printer: LogPrinter
  private var supervisor: Supervisor
  private var children: [Int: Child] = [:]
  private var broker: BrokerAddress?
  private var lastLines: [Int: String] = [:]
  private var isWatching = false
  private var isAllReady = false
  private var isDone = false
  private var signals: Int32 = -1
  private var keeper: Int32 = -1
  private var keeperPID: Int32 = 0
  private var lock: Int32 = -1

  /// - Parameters:
  ///   - duration: nanoseconds after which everything is ended, or nil to wait for a signal.
  ///   - makeJournal: makes a journal in a folder, for a home that is new; no other home is ever given one.
  public init(
    plan: LaunchPlan, printer: LogPrinter, watch: any BrokerWatch, duration: Int64? = nil,
    makeJournal: @escaping (String) throws(LaunchError) -> Void
  ) {
    self.makeJournal = makeJournal
    self.plan = plan
    self.printer = printer
    self.watch = watch
    self.duration = duration
    files = BrokerFiles(home: plan.home, topology: plan.topology)
    supervisor = Supervisor(members: plan.members, seed: UInt64.random(in: 0...(.max)))
  }

  /// Takes the home, starts everything and returns when everything has ended: the exit code for the command.
  /// - Throws: when it could not begin; nothing has been started then.
  public mutating func run() throws(LaunchError) -> Int32 {
    try plan.home.guardFolder()
    try HomeFiles.makeFolder(plan.home.path)
    lock = try plan.home.lock()
    defer { close(lock) }
    if plan.home.isNew { try makeJournal(plan.home.journal) }
    try files.write()
    signals = casus_signals_open()
    guard signals >= 0 else { throw .init(.system, "cannot route signals: \(SystemError.message(-signals))") }
    defer { casus_signals_close() }
    keeper = casus_keeper_start(&keeperPID)
    guard keeper >= 0 else { throw .init(.system, "cannot start the keeper: \(SystemError.message(-keeper))") }
    defer {
      close(keeper)
      waitpid(keeperPID, nil, 0)
    }
    let mailbox: Mailbox<Set<String>>
    do throws(SystemError) { mailbox = try Mailbox([]) } catch { throw LaunchError(.system, error.description) }
    let endAt = duration.map { SystemClock.steady() + $0 }

    handle(.begin)
    while !isDone {
      wait(mailbox, until: endAt)
      if let endAt, SystemClock.steady() >= endAt, !supervisor.isStopping { handle(.stop) }
      if broker == nil || isWaitingForBroker { lookForBroker(mailbox) }
      handle(.tick)
    }
    Files.remove(plan.home.run)
    Files.remove(plan.home.ready)
    return supervisor.exitCode
  }

  private var isWaitingForBroker: Bool {
    if case .starting = supervisor.phases[0] { true } else { false }
  }

  // Waiting

  private mutating func wait(_ mailbox: Mailbox<Set<String>>, until endAt: Int64?) {
    var polled = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
    polled.append(pollfd(fd: mailbox.bell.fileDescriptor, events: Int16(POLLIN), revents: 0))
    var owners: [Int] = []
    for (index, child) in children {
      for descriptor in [child.output, child.errors] where descriptor >= 0 {
        polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        owners.append(index)
      }
    }
    // The broker's ready file is looked for, since a file cannot ring.
    var deadline = isWaitingForBroker ? SystemClock.steady() + 20_000_000 : Int64.max
    deadline = min(deadline, supervisor.nextDeadline ?? .max)
    if let endAt, !supervisor.isStopping { deadline = min(deadline, endAt) }
    let milliseconds =
      deadline == .max ? -1 : max(0, min((deadline - SystemClock.steady() + 999_999) / 1_000_000, 60_000))
    guard poll(&polled, nfds_t(polled.count), Int32(milliseconds)) > 0 else { return }

    for (place, index) in owners.enumerated() where polled[place + 2].revents != 0 { readOutput(of: index) }
    if polled[1].revents != 0 {
      mailbox.bell.clear()
      notice(mailbox.open { $0 })
    }
    if polled[0].revents != 0 { readSignals() }
  }

  private mutating func readSignals() {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(signals, &bytes, bytes.count)
    guard count > 0 else { return }
    for byte in bytes[..<count] where Int32(byte) != SIGCHLD { handle(.stop) }
    // Always, and all of them: signals that come together are one.
    for (index, child) in children {
      guard let exit = ChildProcess.reap(child.pid) else { continue }
      _ = casus_keeper_remove(keeper, child.pid)
      readOutput(of: index)
      closeOutput(of: index)
      handle(.exited(index, exit))
    }
  }

  private mutating func notice(_ connected: Set<String>) {
    for index in plan.processes.indices.dropFirst() where connected.contains(plan.processes[index].name) {
      if case .starting = supervisor.phases[index] { handle(.ready(index)) }
    }
  }

  // Output

  private mutating func readOutput(of index: Int) {
    guard var child = children[index] else { return }
    if child.output >= 0, !drain(child.output, &child.outputLines, index, isError: false) {
      close(child.output)
      child.output = -1
    }
    if child.errors >= 0, !drain(child.errors, &child.errorLines, index, isError: true) {
      close(child.errors)
      child.errors = -1
    }
    children[index] = child
  }

  /// Reads what is there, at most 1 MiB so that one noisy process leaves the others their turn; false at the end.
  private mutating func drain(_ descriptor: Int32, _ lines: inout LineBuffer, _ index: Int, isError: Bool) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65536)
    for _ in 0..<16 {
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 {
        for line in lines.add(bytes[..<count]) { show(line, of: index, isError: isError) }
      } else if count == 0 || errno != EAGAIN && errno != EINTR {
        if let line = lines.finish() { show(line, of: index, isError: isError) }
        return false
      } else {
        return true
      }
    }
    return true
  }

  private mutating func show(_ line: [UInt8], of index: Int, isError: Bool) {
    printer.line(plan.processes[index].name, line, isError: isError)
    if isError, !line.isEmpty { lastLines[index] = String(decoding: line.prefix(500), as: UTF8.self) }
  }

  private mutating func closeOutput(of index: Int) {
    guard var child = children.removeValue(forKey: index) else { return }
    if let line = child.outputLines.finish() { show(line, of: index, isError: false) }
    if let line = child.errorLines.finish() { show(line, of: index, isError: true) }
    for descriptor in [child.output, child.errors] where descriptor >= 0 { close(descriptor) }
  }

  // Doing what the supervisor says

  private mutating func handle(_ event: Supervisor.Event) {
    var events = [event]
    while !events.isEmpty {
      for action in supervisor.handle(events.removeFirst(), now: SystemClock.steady()) {
        switch action {
        case .spawn(let index): events.append(spawn(index))
        case .terminate(let index, let pid):
          if index == 0 { watch.end() }
          ChildProcess.signal(pid, SIGTERM)
        case .kill(_, let pid): ChildProcess.signal(pid, SIGKILL)
        case .report(let report): tell(report)
        case .end: isDone = true
        }
      }
    }
  }

  private mutating func spawn(_ index: Int) -> Supervisor.Event {
    let process = plan.processes[index]
    var environment = process.environment
    if index == 0 {
      Files.remove(plan.home.ready)
    } else if let broker {
      environment["CASUS_BROKER"] = broker.endpoint
      environment["CASUS_BROKER_KEY"] = broker.key
    }
    do {
      let started = try ChildProcess.start(process, environment: environment)
      _ = casus_keeper_add(keeper, started.pid)
      children[index] = Child(pid: started.pid, output: started.output, errors: started.errors)
      return .spawned(index, pid: started.pid)
    } catch {
      return .spawnFailed(index, error.description)
    }
  }

  private mutating func lookForBroker(_ mailbox: Mailbox<Set<String>>) {
    guard case .starting(let pid, _) = supervisor.phases[0],
      let ready = ReadyFile.read(plan.home.ready), ready.pid == pid
    else { return }
    let address = BrokerAddress(endpoint: ready.localEndpoint, key: ready.key)
    if broker == nil {
      broker = address
      do {
        try files.writeConfiguration(listen: ready.listen)
      } catch {
        printer.say("\(error)", event: "warning")
      }
    }
    writeRun(ready)
    if !isWatching {
      isWatching = true
      watch.begin(address) { [mailbox] names in
        mailbox.change { known in
          defer { known = names }
          return known != names
        }
      }
    }
    handle(.ready(0))
  }

  private func writeRun(_ ready: ReadyFile) {
    let run = RunFile(
      pid: getpid(), isReady: isAllReady,
      broker: BrokerAddress(endpoint: ready.localEndpoint, key: ready.key), brokerPID: ready.pid)
    try? run.write(to: plan.home.run)
  }

  private mutating func tell(_ report: Report) {
    let line = report.line(plan.members, broker: broker)
    printer.say(line.text, event: line.event, about: line.name)
    switch report {
    case .allReady:
      isAllReady = true
      if let ready = ReadyFile.read(plan.home.ready) { writeRun(ready) }
    case .crashed(let index, let exit, let pause, _): tellWatch(index, exit, restartIn: pause)
    case .gaveUp(let index, let exit, _, _): tellWatch(index, exit, restartIn: nil)
    default: break
    }
  }
  private func tellWatch(_ index: Int, _ exit: Exit, restartIn: Int64?) {
    guard index > 0 else { return }
    watch.crashed(
      Crash(
        name: plan.processes[index].name, exit: exit, restarts: supervisor.restarts[index], restartIn: restartIn,
        lastLine: lastLines[index]))
  }
}
