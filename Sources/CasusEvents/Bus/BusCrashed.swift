/// A launcher saw a plugin's process end that should not have: `casus.bus.crashed.v1`.
public struct BusCrashed: Payload, Hashable {
  public static let type = EventType.busCrashed

  public var plugin: String
  public var agency: String
  public var exitCode: Int?
  public var signal: Int?
  /// Since it was first started.
  public var restarts: Int
  /// When it is started again; left out when it is not.
  public var restartMilliseconds: Int?
  /// A crash loop: it stays down until someone looks.
  public var gaveUp: Bool
  /// Its last line.
  public var message: String?

  public init(
    plugin: String, agency: String, exitCode: Int? = nil, signal: Int? = nil, restarts: Int,
    restartMilliseconds: Int? = nil, gaveUp: Bool, message: String? = nil
  ) {
    self.plugin = plugin
    self.agency = agency
    self.exitCode = exitCode
    self.signal = signal
    self.restarts = restarts
    self.restartMilliseconds = restartMilliseconds
    self.gaveUp = gaveUp
    self.message = message
  }

  enum CodingKeys: String, CodingKey {
    case plugin, agency
    case exitCode = "exit_code"
    case signal, restarts
    case restartMilliseconds = "restart_milliseconds"
    case gaveUp = "gave_up"
    case message
  }
}
