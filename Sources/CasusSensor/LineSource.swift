import Glibc
public import SystemFiles

/// Where lines come from: a followed log, or standard input.
public enum LineSource {
  case log(LogFollower)
  case input(StandardInput)

  public var positions: [LogPosition] {
    if case .log(let follower) = self { return follower.positions }
    return []
  }

  /// Nothing read and `isAtEnd`: nothing for now.
  public mutating func read(now: Double) throws -> (portion: LogPortion, isClosed: Bool) {
    switch self {
    case .log(var follower):
      defer { self = .log(follower) }
      return (try follower.read(now: now), false)
    case .input(var input):
      defer { self = .input(input) }
      let portion = try input.read()
      return (portion, input.isClosed)
    }
  }

  /// Unfinished last lines, when nothing more will come.
  public mutating func finish() -> [LogLine] {
    switch self {
    case .log(var follower):
      defer { self = .log(follower) }
      return follower.finish()
    case .input(var input):
      defer { self = .input(input) }
      return input.finish()
    }
  }

  public var hasFile: Bool {
    if case .log(let follower) = self { return follower.hasFile }
    return true
  }
}

/// A pipe read without ever blocking a thread.
public struct StandardInput {
  private var splitter: LineSplitter
  public private(set) var isClosed = false
  private let descriptor: Int32

  public init(descriptor: Int32 = 0, maximumLine: Int) {
    self.descriptor = descriptor
    splitter = LineSplitter(maximumLength: maximumLine)
  }

  public mutating func read() throws(SystemError) -> LogPortion {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard !isClosed, poll(&request, 1, 0) > 0 else { return LogPortion(isAtEnd: true) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { return LogPortion(isAtEnd: true) }
      throw SystemError(errno, "read", "standard input")
    }
    isClosed = count == 0
    return LogPortion(lines: splitter.append(buffer[..<count]), isAtEnd: isClosed)
  }

  public mutating func finish() -> [LogLine] { splitter.finish().map { [$0] } ?? [] }
}
