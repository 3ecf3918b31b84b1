public import CasusConfiguration
internal import CasusNames
import SystemFiles
internal import YAML

/// Everything a start needs, settled before the first process: programs found, folders and files written. A value.
public struct LaunchPlan: Sendable {
  /// How to start one process. The broker's address joins the environment when it is known.
  public struct Process: Hashable, Sendable {
    /// `broker` or `jp.nisc/suricata-1`.
    public var name: String
    /// Absolute.
    public var program: String
    public var arguments: [String]
    public var environment: [String: String]
    public var folder: String
    public var input: String?

    package init(
      name: String, program: String, arguments: [String], environment: [String: String] = [:], folder: String,
      input: String? = nil
    ) {
      self.name = name
      self.program = program
      self.arguments = arguments
      self.environment = environment
      self.folder = folder
      self.input = input
    }
  }

  public let home: Home
  public let topology: Topology
  /// The broker first, then the plugins as the topology lists them.
  public let processes: [Process]
  public let members: [Supervisor.Member]

  /// The broker's name among the processes: no plugin can have it, for want of a slash.
  public static let brokerName = "broker"

  /// Finds the programs.
  /// - Parameters:
  ///   - topologyFile: as messages show it.
  ///   - environment: what every process inherits; variables of the form `CASUS_…` are left out.
  ///   - find: looks a program up; nil when there is none.
  public init(
    topology: Topology, topologyFile: String, home: Home, environment: [String: String],
    find: (String) -> String?
  ) throws(ConfigurationError) {
    self.home = home
    self.topology = topology
    let inherited = environment.filter { !$0.key.hasPrefix("CASUS_") }
    var faults: [ConfigurationFault] = []

    func program(_ run: [String], at place: YAMLPlace?) -> String {
      let name = run[0]
      let given = name.contains("/") && !name.hasPrefix("/") ? "\(topology.folder)/\(name)" : name
      if let found = find(given) { return found }
      let looked = name.contains("/") ? "" : " beside the casus program or in PATH"
      faults.append(.init(file: topologyFile, place: place, "there is no program \(given)\(looked)"))
      return given
    }

    var processes = [
      Process(
        name: Self.brokerName, program: program(topology.broker.run, at: nil),
        arguments: topology.broker.run + ["--config", home.configuration], environment: inherited, folder: home.path)
    ]
    var members = [
      Supervisor.Member(
        name: Self.brokerName, restart: topology.broker.restart, stopTimeout: topology.broker.stopTimeout)
    ]
    for plugin in topology.plugins {
      var variables = inherited.merging(plugin.environment) { _, own in own }
      variables["CASUS_IDENTITY"] = plugin.name.description
      variables["CASUS_KEY_FILE"] = home.key(of: plugin.name)
      variables["CASUS_STATE"] = home.state(of: plugin.name)
      if plugin.settings != nil { variables["CASUS_SETTINGS"] = home.settings(of: plugin.name) }
      let input = plugin.input.map { $0.hasPrefix("/") ? $0 : "\(topology.folder)/\($0)" }
      if let input, !Files.exists(input) {
        faults.append(.init(file: topologyFile, place: plugin.runPlace, "there is no input file \(input)"))
      }
      processes.append(
        Process(
          name: plugin.name.description, program: program(plugin.run, at: plugin.runPlace), arguments: plugin.run,
          environment: variables, folder: topology.folder, input: input))
      members.append(
        Supervisor.Member(
          name: plugin.name.description, restart: plugin.restart, stopTimeout: plugin.stopTimeout))
    }
    self.processes = processes
    self.members = members
    if !faults.isEmpty { throw ConfigurationError(faults) }
  }

  /// Looks for a program: a path as it is, a name beside `folder`, then in the folders of `path`.
  public static func find(_ name: String, beside folder: String, path: String) -> String? {
    if name.contains("/") { return Files.isProgram(name) ? name : nil }
    for place in [folder] + path.split(separator: ":").map(String.init) where !place.isEmpty {
      let candidate = "\(Files.absolute(place))/\(name)"
      if Files.isProgram(candidate) { return candidate }
    }
    return nil
  }
}
