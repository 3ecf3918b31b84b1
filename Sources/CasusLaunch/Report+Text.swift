internal import CasusNames
internal import Glibc

extension Exit: CustomStringConvertible {
  /// `exit 3`, `signal 9 (Killed)`.
  public var description: String {
    switch self {
    case .code(let code): "exit \(code)"
    case .signal(let number): "signal \(number) (\(strsignal(number).map { String(cString: $0) } ?? "unknown"))"
    }
  }
}

extension Report {
  /// The report as a line for people and a word for programs.
  func line(_ members: [Supervisor.Member], broker: BrokerAddress?) -> (text: String, event: String, name: String?) {
    switch self {
    case .started(let index, let pid, let restart):
      let again = restart == 0 ? "" : " again (restart \(restart))"
      return ("started\(again), process \(pid)", "started", members[index].name)
    case .couldNotStart(let index, let reason):
      return ("could not be started: \(reason)", "could-not-start", members[index].name)
    case .ready(let index):
      let place = index == 0 ? broker.map { " at \($0.endpoint)" } ?? "" : ""
      return ("ready\(place)", "ready", members[index].name)
    case .slow(let index, let span):
      return ("is not ready after \(TimeSpan.text(span)); still waiting", "slow", members[index].name)
    case .finished(let index):
      return ("finished: exit 0", "finished", members[index].name)
    case .crashed(let index, let exit, let pause, let crashes):
      let policy = members[index].restart
      return (
        "crashed: \(exit); again in \(TimeSpan.text(pause)) "
          + "(crash \(crashes) of \(policy.crashes) within \(TimeSpan.text(policy.window)))",
        "crashed", members[index].name
      )
    case .gaveUp(let index, let exit, let why, let crashes):
      return ("\(why.text(exit, members[index], crashes: crashes))", "gave-up", members[index].name)
    case .allReady:
      return ("all ready: a broker and \(members.count - 1) plugins; Ctrl-C ends them", "all-ready", nil)
    case .stopping:
      return ("stopping", "stopping", nil)
    case .stopped(let index, let exit):
      return ("stopped: \(exit)", "stopped", members[index].name)
    case .killed(let index, let span):
      return ("did not end within \(TimeSpan.text(span)); killed", "killed", members[index].name)
    }
  }
}

extension Report.Surrender {
  fileprivate func text(_ exit: Exit, _ member: Supervisor.Member, crashes: Int) -> String {
    switch self {
    case .crashLoop:
      "is in a crash loop: \(crashes) crashes within \(TimeSpan.text(member.restart.window)), the last \(exit); it stays down"
    case .permanent: "ended with \(exit): starting it again would not help; it stays down"
    case .noRestart: "ended with \(exit); it is not to be restarted"
    case .brokerNeverReady: "ended before it listened: \(exit)"
    }
  }
}
