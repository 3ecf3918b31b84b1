import CasusEvents
import CasusNames
import Glibc
import SystemFiles
public import ZeroMQ

/// Whom to connect to, as whom, and how long to try. A plain value; it holds a secret key.
public struct Connection: Sendable {
  /// `tcp://127.0.0.1:5577` or `ipc:///run/casus/bus`.
  public var endpoint: String
  public var brokerKey: CurvePublicKey
  public var keys: CurveKeyPair
  /// `jp.nisc/suricata-1`: must be the one that the broker's registry has for the key.
  public var identity: String
  public var manifest: Manifest
  /// How long to go on without a broker before giving up with `.unreachable` or `.keyRefused`; nil: for ever. It counts
  /// anew each time the connection is lost.
  public var patience: Duration?
  /// Give up at once when the broker refuses the key, instead of waiting for its registry to change. For commands.
  public var refusalIsFinal = false
  /// Patience is for the first connection only; a broker that was there once is waited for. For commands that look on.
  package var waitsOnceConnected = false
  /// Off only where a broker is measured without encryption.
  package var isEncrypted = true
  /// The most that may wait for the broker's acknowledgement: `publish` waits for room beyond it. Events from 1 to
  /// `mostOutboxEvents`, bytes from 1 to `mostOutboxBytes`; connecting refuses any other number.
  public var outboxEvents = 8192
  public var outboxBytes = 32 << 20
  public static let mostOutboxEvents = 1 << 20
  public static let mostOutboxBytes = 256 << 20
  /// A file in which events wait for the broker's acknowledgement, so that neither the end of this process nor that of the
  /// broker loses one; nil: in memory. Bounded as above, up to four times that on disk. One process a file.
  public var outboxFile: String?

  public init(
    endpoint: String, brokerKey: CurvePublicKey, keys: CurveKeyPair, identity: String, manifest: Manifest,
    patience: Duration? = nil
  ) {
    self.endpoint = endpoint
    self.brokerKey = brokerKey
    self.keys = keys
    self.identity = identity
    self.manifest = manifest
    self.patience = patience
  }

  /// The connection that a launcher describes in the environment: `CASUS_BROKER`, `CASUS_BROKER_KEY`, `CASUS_KEY_FILE`,
  /// `CASUS_IDENTITY`, and, optional, `CASUS_CONNECT_TIMEOUT` (seconds) and `CASUS_OUTBOX` (`memory`, `file` for
  /// `CASUS_STATE/outbox`, or a path; else as the manifest says).
  ///
  /// Throws `BusError` with one line that names what is missing or wrong: `.missingFile`, `.openKeyFile`, `.configuration`. Blocks while it reads the key file.
  public static func fromEnvironment(
    _ manifest: Manifest, _ variable: (String) -> String? = environmentVariable
  ) throws(BusError) -> Connection {
    let required = ["CASUS_BROKER", "CASUS_BROKER_KEY", "CASUS_KEY_FILE", "CASUS_IDENTITY"]
    let missing = required.filter { (variable($0) ?? "").isEmpty }
    guard missing.isEmpty else {
      throw BusError(
        .configuration,
        "not set: \(missing.joined(separator: ", ")); `casus up` starts plugins with all that they need")
    }
    let endpoint = variable("CASUS_BROKER") ?? ""
    do throws(ZeroMQ.Endpoint.Fault) {
      _ = try ZeroMQ.Endpoint(endpoint, for: .connect)
    } catch {
      throw BusError(.configuration, "CASUS_BROKER is '\(endpoint)', which is no endpoint: it \(error)")
    }
    guard let brokerKey = CurvePublicKey(z85: variable("CASUS_BROKER_KEY") ?? "") else {
      throw BusError(.configuration, "CASUS_BROKER_KEY is not a public key (40 characters of Z85)")
    }
    let identity = variable("CASUS_IDENTITY") ?? ""
    guard PluginName(identity) != nil else {
      throw BusError(.configuration, "CASUS_IDENTITY is '\(identity)', not AGENCY/PLUGIN as jp.nisc/suricata-1")
    }
    let file: KeyFile
    do throws(KeyFileError) {
      file = try KeyFile.read(variable("CASUS_KEY_FILE") ?? "")
    } catch {
      throw BusError(error)
    }
    var patience: Duration?
    if let text = variable("CASUS_CONNECT_TIMEOUT"), !text.isEmpty {
      guard let seconds = Double(text), seconds > 0, seconds < 1e9 else {
        throw BusError(.configuration, "CASUS_CONNECT_TIMEOUT is '\(text)', not a number of seconds above 0")
      }
      patience = .seconds(seconds)
    }
    var connection = Connection(
      endpoint: endpoint, brokerKey: brokerKey, keys: file.keys, identity: identity, manifest: manifest,
      patience: patience)
    connection.outboxFile = try outboxFile(manifest, variable)
    return connection
  }

  /// Throws `BusError.configuration` with the setting that is out of its range.
  func checkOutbox() throws(BusError) {
    for (name, value, most) in [
      ("outboxEvents", outboxEvents, Self.mostOutboxEvents), ("outboxBytes", outboxBytes, Self.mostOutboxBytes),
    ] where !(1...most).contains(value) {
      throw BusError(.configuration, "\(name) is \(value); it must be from 1 to \(most)")
    }
  }

  private static func outboxFile(
    _ manifest: Manifest, _ variable: (String) -> String?
  ) throws(BusError) -> String? {
    let wanted = variable("CASUS_OUTBOX").flatMap { $0.isEmpty ? nil : $0 } ?? manifest.outbox.rawValue
    switch wanted {
    case "memory": return nil
    case "file":
      guard let state = variable("CASUS_STATE"), !state.isEmpty else {
        throw BusError(
          .configuration, "not set: CASUS_STATE, the folder for the outbox file; or set CASUS_OUTBOX=memory")
      }
      return state + "/outbox"
    case let path where path.contains("/"): return path
    default: throw BusError(.configuration, "CASUS_OUTBOX is '\(wanted)', not memory, file or a path with a slash")
    }
  }

  /// A variable of this process's environment.
  public static func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
