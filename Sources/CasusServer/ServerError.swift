internal import CasusConfiguration
internal import CasusJournal
public import CasusNames
internal import SystemFiles

/// Why the daemon does not start or does not go on: one line for people and the exit code that goes with it.
public struct ServerError: Error, Sendable, CustomStringConvertible {
  public var exit: ExitStatus
  public var message: String

  public init(_ exit: ExitStatus, _ message: String) {
    self.exit = exit
    self.message = message
  }

  init(_ error: ConfigurationError) { self.init(.configuration, error.description) }
  /// Whether there never was a journal or a whole one is gone, the broker cannot tell: a person decides, as with a part of one.
  init(_ error: JournalError) {
    self.init(error.code == .absent ? .damaged : ExitStatus(error), error.description)
  }
  init(reading error: SystemError) { self.init(ExitStatus(reading: error), error.description) }

  public var description: String { message }
}

/// Everything that is wrong with a start, to be told at once.
struct StartFaults {
  private var all: [ServerError] = []

  mutating func add(_ error: ServerError) { all.append(error) }
  mutating func add(_ faults: [ConfigurationFault]) {
    if !faults.isEmpty { add(ServerError(ConfigurationError(faults))) }
  }

  /// The value of what may be wrong; nil when it is.
  mutating func catching<Value>(_ body: () throws(ServerError) -> Value) -> Value? {
    do throws(ServerError) { return try body() } catch {
      add(error)
      return nil
    }
  }

  /// A line each. Several kinds of faults are one configuration that is wrong.
  func check() throws(ServerError) {
    guard let first = all.first else { return }
    let isOneKind = all.allSatisfy { $0.exit == first.exit }
    throw ServerError(isOneKind ? first.exit : .configuration, all.map(\.message).joined(separator: "\n"))
  }
}
