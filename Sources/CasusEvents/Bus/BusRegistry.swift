/// A file of the broker's registry is wrong and set aside, or good again: `casus.bus.registry.v1`.
///
/// So is the folder itself, as the file `.`: while it cannot be read, or others may change it, nothing in it is taken.
///
/// What is wrong with it is for the broker's operator, by `casus status` and the log: a registry's text is not for every reader.
public struct BusRegistry: Payload, Hashable {
  public static let type = EventType.busRegistry

  public enum State: String, Codable, Sendable {
    /// What it said before stays in force, but for what another file says otherwise.
    case setAside = "set-aside"
    case good
  }

  /// Stands for the registry's folder itself.
  public static let folder = "."

  /// Its name in the registry's folder.
  public var file: String
  public var state: State
  /// How many things are wrong with it.
  public var faults: Int
  /// How many changes this event stands for; nil for one.
  public var count: Int?

  public init(file: String, state: State, faults: Int, count: Int? = nil) {
    self.file = file
    self.state = state
    self.faults = faults
    self.count = count
  }
}
