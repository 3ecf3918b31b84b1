import FoundationEssentials
import IJSON

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
    var isFolder = false
    guard FileManager.default.fileExists(atPath: state, isDirectory: &isFolder), isFolder else {
      throw BusError(.configuration, "CASUS_STATE is '\(state)', which is not a folder")
    }
    let path = variable("CASUS_SETTINGS").flatMap { $0.isEmpty ? nil : $0 }
    return Settings(path: path, stateDirectory: state, identity: variable("CASUS_IDENTITY") ?? "")
  }

  /// The settings as a type. Without a file it is decoded from an empty object, so make members optional that have a
  /// default. Blocks while it reads. Throws `BusError.configuration` with the file and the member that is wrong.
  public func decode<T: Decodable>(_ type: T.Type) throws(BusError) -> T {
    let name = path ?? "the settings (there is no file)"
    do {
      let bytes = try path.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) } ?? Array("{}".utf8)
      return try JSONDocument(bytes).decode(type)
    } catch let error as JSONError {
      let place = error.pointer.map { $0.isEmpty ? "the file" : $0 } ?? error.offset.map { "byte \($0)" } ?? "the file"
      throw BusError(.configuration, "\(name): \(place) \(error.message)")
    } catch {
      throw BusError(.configuration, "\(name) cannot be read: \(error)")
    }
  }
}
