import CasusConfiguration
import SystemFiles

/// What an operator set for this plugin, and where it may keep things. A plain value.
public struct Settings: Sendable {
  /// The JSON file with the plugin's settings; nil when it has none.
  public let path: String?
  /// A folder of the plugin's own that survives restarts.
  public let stateDirectory: String
  /// `jp.nisc/suricata-1`
  public let identity: String

  public init(path: String?, stateDirectory: String, identity: String) {
    self.path = path
    self.stateDirectory = stateDirectory
    self.identity = identity
  }

  /// `CASUS_SETTINGS` (may be absent), `CASUS_STATE` and `CASUS_IDENTITY`.
  public static func fromEnvironment(
    _ variable: (String) -> String? = Connection.environmentVariable
  ) throws(BusError) -> Settings {
    guard let state = variable("CASUS_STATE"), !state.isEmpty else {
      throw BusError(.configuration, "not set: CASUS_STATE, a folder that the plugin may keep things in")
    }
    guard Files.isFolder(state) else {
      throw BusError(.configuration, "CASUS_STATE is '\(state)', which is not a folder")
    }
    let path = variable("CASUS_SETTINGS").flatMap { $0.isEmpty ? nil : $0 }
    return Settings(path: path, stateDirectory: state, identity: variable("CASUS_IDENTITY") ?? "")
  }

  /// The settings as a type, over their defaults: what the file leaves out keeps its default. Blocks while it reads.
  ///
  ///     struct Options: Codable { var hits = 3 }
  ///     let options = try settings.decode(over: Options()) { options, report in
  ///       if options.hits < 1 { report("hits", "must be at least 1") }
  ///     }
  ///
  /// The defaults say what the file may hold: each member has one, and none is nil. A dictionary that is empty by default takes
  /// any names.
  ///
  /// - Parameter check: reports what the settings may not say, each by the member's dotted path.
  /// - Throws: `BusError.missingFile` when the file is not there, `BusError.configuration` with everything that is wrong, a line each with its place in the file: names that the
  ///   defaults do not have (with a suggestion), values of another kind, what `check` reported.
  public func decode<T: Codable>(
    over defaults: T,
    _ check: (_ settings: T, _ report: @escaping (_ path: String, _ message: String) -> Void) -> Void = { _, _ in }
  ) throws(BusError) -> T {
    do {
      return try ConfigurationReader.settings(path, over: defaults, check)
    } catch {
      throw BusError(settings: error)
    }
  }
}
