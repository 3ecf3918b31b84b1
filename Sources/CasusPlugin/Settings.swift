import FoundationEssentials

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
      let bytes = try path.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } ?? Data("{}".utf8)
      return try JSONDecoder().decode(type, from: bytes)
    } catch let error as DecodingError {
      throw BusError(.configuration, "\(name): \(Self.explain(error))")
    } catch {
      throw BusError(.configuration, "\(name) cannot be read: \(error)")
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      let path = (context.codingPath + (last.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
      return path.isEmpty ? "the file" : "'\(path.joined(separator: "."))'"
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
    case .typeMismatch(let type, let context): return "\(place(context)) is not a \(type)"
    case .valueNotFound(let type, let context): return "\(place(context)) is null instead of a \(type)"
    case .dataCorrupted(let context): return "\(place(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}
