import CPlatform
import CasusNames
import Glibc
import SystemFiles

/// SIGTERM, SIGINT and SIGHUP as a call on a thread of its own. Once per process. The second signal ends the process at once,
/// and so does a stop that takes longer than ten seconds.
enum StopSignals {
  static func handle(_ stop: @escaping @Sendable (_ signal: Int32) -> Void) throws(BusError) {
    let descriptor = casus_signals_open()
    guard descriptor >= 0 else {
      throw BusError(.configuration, "signals cannot be handled: \(SystemError.message(-descriptor))")
    }
    do {
      _ = try OwnedThread(name: "signals") { wait(descriptor, stop) }
    } catch {
      throw BusError(.configuration, "signals cannot be handled: \(error)")
    }
  }

  private static func wait(_ descriptor: Int32, _ stop: (Int32) -> Void) {
    var isStopping = false
    while true {
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&item, 1, isStopping ? 10_000 : -1)
      if count == 0 { _exit(ExitStatus.failed.rawValue) }
      var number: UInt8 = 0
      while read(descriptor, &number, 1) == 1 {
        let signal = Int32(number)
        guard signal == SIGTERM || signal == SIGINT || signal == SIGHUP else { continue }
        if isStopping { _exit(128 + signal) }
        isStopping = true
        stop(signal)
      }
    }
  }
}
