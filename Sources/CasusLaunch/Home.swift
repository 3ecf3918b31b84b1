public import CasusNames
internal import CasusWire
internal import Glibc
internal import SystemFiles

/// The folder that `casus up` makes and the other commands find the broker by. A plain value: paths and no state.
///
///     casusd.yaml              the broker's configuration
///     keys/broker.key          and keys/operator.key, keys/<agency>/<plugin>.key: 0600, made once and kept
///     registry/<agency>.yaml   who may do what
///     journal/                 the journal's segments
///     state/<agency>/<plugin>/ each plugin's own folder
///     settings/…               each plugin's settings as JSON
///     policies/*.yaml          put there by people: who decides a case, for casus case and casus decide
///     ready.json               there while the broker listens
///     run.json                 there while `casus up` runs: where the broker is
public struct Home: Hashable, Sendable {
  /// The identity of people at this home's command line.
  public static let operatorName = PluginName("local/operator")!
  static let everything = TypePattern(">")!
  public static let operatorRoles = ["operator", "exercise", "replay", "observer"]

  public let path: String

  public init(path: String) { self.path = Files.absolute(path) }

  public var configuration: String { "\(path)/casusd.yaml" }
  public var keys: String { "\(path)/keys" }
  public var brokerKey: String { "\(keys)/broker.key" }
  public var operatorKey: String { "\(keys)/operator.key" }
  public var registry: String { "\(path)/registry" }
  public var journal: String { "\(path)/journal" }
  public var ready: String { "\(path)/ready.json" }
  public var run: String { "\(path)/run.json" }

  public func key(of plugin: PluginName) -> String {
    plugin == Self.operatorName ? operatorKey : "\(keys)/\(plugin.agency)/\(plugin.plugin).key"
  }
  public func state(of plugin: PluginName) -> String { "\(path)/state/\(plugin.agency)/\(plugin.plugin)" }
  func settings(of plugin: PluginName) -> String { "\(path)/settings/\(plugin.agency)/\(plugin.plugin).json" }

  /// The key files that there are, by name.
  public func keyFiles() -> [String] {
    var found: [String] = []
    var folders = [keys]
    while let folder = folders.popLast() {
      for name in HomeFiles.names(in: folder) where !name.hasPrefix(".") {
        let path = "\(folder)/\(name)"
        if Files.isFolder(path) { folders.append(path) } else if name.hasSuffix(".key") { found.append(path) }
      }
    }
    return found.sorted()
  }

  /// The policies in the home's folder of them, by name.
  public func policyFiles() -> [String] {
    let folder = "\(path)/policies"
    return HomeFiles.names(in: folder).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map {
      "\(folder)/\($0)"
    }
  }

  /// Throws `notPermitted` when others could put their keys, rights or broker here.
  public func guardFolder() throws(LaunchError) {
    guard let reason = Files.othersMayChange(path) else { return }
    throw LaunchError(.notPermitted, "\(path) is no safe home: \(reason); use a folder of your own")
  }

  /// Whether nothing was ever started here, and nobody has put a journal here.
  var isNew: Bool { !Files.exists(configuration) && HomeFiles.names(in: journal).isEmpty }

  func makeFolders() throws(LaunchError) {
    for folder in [path, keys, registry, journal] { try HomeFiles.makeFolder(folder) }
  }

  /// Takes the home for this process until the descriptor closes.
  func lock() throws(LaunchError) -> Int32 {
    let name = "\(path)/lock"
    let file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw LaunchError(.cannotCreate, "cannot open \(name): \(SystemError.message(errno))") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw LaunchError(.tryAgain, "\(path) is in use by another casus up")
    }
    return file
  }
}
