internal import CPlatform
internal import CasusNames
internal import Glibc
internal import SystemFiles

/// The raw calls around a child: start, signal, reap. Every call belongs to the launcher's thread, since the kernel
/// ties a child's death signal to the thread that forked it.
package enum ChildProcess {
  package struct Started {
    package var pid: Int32
    /// Non-blocking read ends of its standard output and error.
    package var output: Int32
    package var errors: Int32
  }

  /// - Parameter deathSignal: what the child gets when the calling thread ends; 0 for nothing.
  package static func start(
    _ process: LaunchPlan.Process, environment: [String: String], deathSignal: Int32 = SIGKILL
  ) throws(LaunchError) -> Started {
    var output: [Int32] = [-1, -1]
    var errors: [Int32] = [-1, -1]
    var failure = casus_pipe(&output)
    guard failure == 0 else { throw .init(.system, "no pipe: \(SystemError.message(failure))") }
    failure = casus_pipe(&errors)
    guard failure == 0 else {
      for end in output { close(end) }
      throw .init(.system, "no pipe: \(SystemError.message(failure))")
    }
    defer {
      close(output[1])
      close(errors[1])
    }
    var pid: pid_t = 0
    var stage: Int32 = 0
    let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let error = withCStrings(process.arguments) { arguments in
      withCStrings(variables) { variables in
        withOptionalCString(process.input) { input in
          process.program.withCString { program in
            process.folder.withCString { folder in
              var request = casus_spawn_request(
                program: program, arguments: arguments, environment: variables, directory: folder, input: input,
                output: output[1], errors: errors[1], death_signal: deathSignal)
              return casus_spawn(&request, &pid, &stage)
            }
          }
        }
      }
    }
    if error != 0 {
      close(output[0])
      close(errors[0])
      throw .init(.system, "\(place(stage, process)): \(SystemError.message(error))")
    }
    return Started(pid: pid, output: output[0], errors: errors[0])
  }

  private static func place(_ stage: Int32, _ process: LaunchPlan.Process) -> String {
    switch UInt32(stage) {
    case CASUS_SPAWN_EXEC.rawValue: "cannot run \(process.program)"
    case CASUS_SPAWN_INPUT.rawValue: "cannot read its input \(process.input ?? "/dev/null")"
    case CASUS_SPAWN_DIRECTORY.rawValue: "cannot enter \(process.folder)"
    case CASUS_SPAWN_DESCRIPTORS.rawValue: "cannot set up its output"
    default: "cannot make a process"
    }
  }

  /// Sends a signal to the process and its whole group.
  package static func signal(_ pid: Int32, _ number: Int32) {
    guard pid > 1 else { return }
    kill(-pid, number)
  }

  /// How a child ended, or nil while it runs. What is left of its group is killed before its id is given back, so that
  /// no grandchild stays and no other's process can be meant.
  package static func reap(_ pid: Int32) -> Exit? {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) != 0 {
      if errno != EINTR { return .code(127) }  // not our child: nothing to wait for
    }
    guard information._sifields._sigchld.si_pid == pid else { return nil }
    signal(pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let number = status & 0x7f
    return number == 0 ? .code((status >> 8) & 0xff) : .signal(number)
  }

  private static func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
  ) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
  }

  private static func withOptionalCString<R>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let string else { return body(nil) }
    return string.withCString(body)
  }
}
