internal import CasusNames
public import YAML

/// One thing that is wrong with a configuration file: `demo.yaml:12:5: there is no setting "publsh" …`.
public struct ConfigurationFault: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// Nil when the file as a whole is meant.
  public var place: YAMLPlace?
  public var message: String

  public init(file: String, place: YAMLPlace? = nil, _ message: String) {
    self.file = file
    self.place = place
    self.message = message
  }

  /// One line; what in it steers a terminal is shown, as it quotes the file.
  public var description: String {
    HarmlessText.shown(place.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)")
  }
}

/// Everything that is wrong with a configuration, a line each and once, in the order of the files and of their lines.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Never empty.
  public var faults: [ConfigurationFault]

  public init(_ faults: [ConfigurationFault]) {
    // Once each: a value may have been asked for twice. Stable: faults of one place stay in the order in which they were found.
    var seen: Set<ConfigurationFault> = []
    let files = Dictionary(faults.enumerated().map { ($1.file, $0) }, uniquingKeysWith: min)
    self.faults = faults.filter { seen.insert($0).inserted }.enumerated().sorted { a, b in
      let (x, y) = (a.element, b.element)
      return (files[x.file] ?? 0, x.place?.line ?? 0, x.place?.column ?? 0, a.offset)
        < (files[y.file] ?? 0, y.place?.line ?? 0, y.place?.column ?? 0, b.offset)
    }.map(\.element)
  }

  public var description: String { faults.map(\.description).joined(separator: "\n") }
}
