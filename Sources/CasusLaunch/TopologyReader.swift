internal import CasusEvents
internal import CasusNames
internal import CasusWire
internal import YAML

/// Reads a topology from YAML and finds everything that is wrong with it in one pass, each with its line.
///
/// `${NAME}` and `${NAME:-default}` in any text stand for environment variables; in settings, `!file PATH` stands for what
/// that file holds. A struct for
/// the time of one read.
public struct TopologyReader {
  let file: String
  let folder: String
  let environment: [String: String]
  /// How many files deep: a file may name another with `!file`.
  let depth: Int
  var problems: [TopologyError.Problem] = []
  /// Where each name was given first.
  private var lines: [PluginName: Int] = [:]

  /// - Parameters:
  ///   - yaml: the file's text.
  ///   - file: its name as messages show it.
  ///   - folder: the absolute folder it stands in.
  ///   - environment: what `${NAME}` may name.
  public static func read(
    yaml: String, file: String, folder: String, environment: [String: String]
  ) throws(TopologyError) -> Topology {
    var reader = TopologyReader(file: file, folder: folder, environment: environment)
    let topology = reader.topology(yaml)
    if let topology, reader.problems.isEmpty { return topology }
    throw TopologyError(reader.problems)
  }

  init(file: String, folder: String, environment: [String: String], depth: Int = 0) {
    self.depth = depth
    self.file = file
    self.folder = folder
    self.environment = environment
  }

  private mutating func topology(_ yaml: String) -> Topology? {
    guard let root = compose(yaml) else { return nil }
    guard let top = members(root, of: "the topology", keys: ["name", "broker", "agencies", "plugins", "people"]) else {
      return nil
    }
    var topology = Topology(folder: folder)
    if let node = top["broker"] { topology.broker = broker(node) }
    if let name = top["name"].flatMap({ word($0, "name") }) { topology.broker.name = name }
    if let node = top["agencies"] { topology.agencies = agencies(node) }
    let agencies = topology.agencies.map(\.name)
    if let node = top["plugins"] { topology.plugins = plugins(node, agencies: agencies) }
    if let node = top["people"] { topology.people = people(node, agencies: agencies) }
    return topology
  }

  private mutating func compose(_ yaml: String) -> YAMLNode? {
    do {
      if let node = try YAMLNode.parse(yaml) { return node }
      problems.append(.init(file: file, message: "is empty; a topology has broker, agencies and plugins"))
    } catch {
      let message = error.code == .syntax ? "is no YAML here: \(error.message)" : error.message
      problems.append(.init(file: file, line: error.place?.line, column: error.place?.column, message: message))
    }
    return nil
  }

  private mutating func broker(_ node: YAMLNode) -> Topology.Broker {
    var broker = Topology.Broker()
    let keys = ["name", "listen", "limits", "exercise", "run", "restart", "stop"]
    guard let members = members(node, of: "broker", keys: keys) else { return broker }
    if let name = members["name"].flatMap({ word($0, "name") }) { broker.name = name }
    if let node = members["listen"] {
      broker.listen = strings(node, "listen")
      for (endpoint, item) in zip(broker.listen, node.sequence ?? [])
      where !endpoint.hasPrefix("tcp://") && !endpoint.hasPrefix("ipc:///") {
        report(item, "\"\(endpoint)\" is no endpoint: tcp://HOST:PORT or ipc:///ABSOLUTE/PATH")
      }
      if broker.listen.isEmpty { report(node, "listen names no endpoint") }
    }
    if let node = members["limits"],
      let limits = self.members(node, of: "limits", keys: Limit.names)
    {
      var all = Limits()
      for limit in Limit.settings {
        guard let value = limits[limit.name], let number = integer(value, limit.name, in: limit.range) else { continue }
        broker.limits[limit.name] = number
        all[limit] = number
      }
      for broken in all.broken {
        report(limits[broken.greater.name] ?? limits[broken.least.name] ?? node, broken.description)
      }
    }
    if let node = members["exercise"] { broker.exercise = flag(node, "exercise") ?? false }
    if let node = members["run"] { broker.run = command(node) ?? broker.run }
    if let node = members["restart"] { broker.restart = restart(node) }
    if let node = members["stop"] { broker.stopTimeout = duration(node, "stop") ?? broker.stopTimeout }
    return broker
  }

  private mutating func prefixes(_ node: YAMLNode) -> [String] {
    let prefixes = strings(node, "prefixes")
    for prefix in prefixes {
      if !Name.isValid(prefix) || Name.isVocabulary(prefix) {
        report(node, "\"\(prefix)\" is no prefix of an agency's types: words of a-z, 0-9 and -, not casus itself")
      }
    }
    return prefixes
  }

  private mutating func agencies(_ node: YAMLNode) -> [Topology.Agency] {
    guard let mapping = node.mapping else {
      report(node, "agencies is a mapping: jp.nisc: {nation: JP}")
      return []
    }
    var agencies: [Topology.Agency] = []
    for member in mapping {
      let key = member.key
      guard let name = text(key, "an agency's name") else { continue }
      if !Name.isValid(name) { report(key, "\"\(name)\" is no agency: words of a-z, 0-9 and - joined by dots") }
      var agency = Topology.Agency(name: name, nation: nil)
      let members = members(member.value, of: "agency \(name)", keys: ["nation", "prefixes"], mayBeEmpty: true) ?? [:]
      if let node = members["nation"] {
        agency.nation = text(node, "nation")
        if let nation = agency.nation, nation.utf8.count != 2 || !nation.utf8.allSatisfy({ (65...90).contains($0) }) {
          report(node, "\"\(nation)\" is no nation: two capital letters (ISO 3166-1)")
        }
      }
      if let node = members["prefixes"] { agency.prefixes = prefixes(node) }
      agencies.append(agency)
    }
    return agencies
  }

  private mutating func plugins(_ node: YAMLNode, agencies: [String]) -> [Topology.Plugin] {
    guard let sequence = node.sequence else {
      report(node, "plugins is a list: - {name: jp.nisc/suricata-1, run: [suricata-sensor]}")
      return []
    }
    return sequence.compactMap { plugin($0, agencies: agencies) }
  }

  private mutating func people(_ node: YAMLNode, agencies: [String]) -> [Topology.Person] {
    guard let sequence = node.sequence else {
      report(node, "people is a list: - {name: us.state/exercise-desk, subscribe: [\">\"]}")
      return []
    }
    var people: [Topology.Person] = []
    for item in sequence {
      let keys = ["name", "publish", "subscribe", "roles", "clearance"]
      guard let members = members(item, of: "one of people", keys: keys),
        let name = name(item, members, agencies: agencies)
      else { continue }
      people.append(
        Topology.Person(
          name: name, publish: members["publish"].map { patterns($0, "publish") } ?? [],
          subscribe: members["subscribe"].map { patterns($0, "subscribe") } ?? [],
          roles: members["roles"].map { roles($0) } ?? [],
          clearance: members["clearance"].flatMap { clearance($0) }))
    }
    return people
  }

  /// The name of a plugin or a person: of a known agency, and given once.
  private mutating func name(_ node: YAMLNode, _ members: [String: YAMLNode], agencies: [String]) -> PluginName? {
    guard let nameNode = members["name"] else {
      report(node, "this one has no name")
      return nil
    }
    guard let text = text(nameNode, "name") else { return nil }
    guard let name = PluginName(text) else {
      report(nameNode, "\"\(text)\" is no name: agency/plugin, as jp.nisc/suricata-1")
      return nil
    }
    if !agencies.contains(name.agency) {
      let suggestion = Suggestion.text(for: name.agency, among: agencies)
      report(nameNode, "agency \(name.agency) is not under agencies:\(suggestion)")
    }
    if let line = lines[name] { report(nameNode, "\(name) is there already, at line \(line)") }
    if name == Home.operatorName { report(nameNode, "\(name) is casus up's own") }
    lines[name] = nameNode.place.line
    return name
  }

  private mutating func plugin(_ node: YAMLNode, agencies: [String]) -> Topology.Plugin? {
    let keys = [
      "name", "run", "input", "environment", "settings", "publish", "subscribe", "roles", "clearance", "groups",
      "restart", "stop",
    ]
    guard let members = members(node, of: "a plugin", keys: keys) else { return nil }
    let name = name(node, members, agencies: agencies)
    var run: [String]?
    if let node = members["run"] { run = command(node) } else { report(node, "this plugin has no run: [program, …]") }
    var plugin = Topology.Plugin(
      name: name ?? PluginName("x/x")!, run: run ?? [], runLine: members["run"]?.place.line ?? node.place.line,
      environment: [:], publish: [], subscribe: [], roles: [], restart: .init(), stopTimeout: 5_000_000_000)
    if let node = members["input"] { plugin.input = text(node, "input") }
    if let node = members["environment"] { plugin.environment = environment(node) }
    if let node = members["settings"] { plugin.settings = json(node) }
    if let node = members["publish"] { plugin.publish = patterns(node, "publish") }
    if let node = members["subscribe"] { plugin.subscribe = patterns(node, "subscribe") }
    if let node = members["roles"] { plugin.roles = roles(node) }
    if let node = members["clearance"] { plugin.clearance = clearance(node) }
    if let node = members["groups"] { plugin.groups = groups(node) }
    if let node = members["restart"] { plugin.restart = restart(node) }
    if let node = members["stop"] { plugin.stopTimeout = duration(node, "stop") ?? plugin.stopTimeout }
    return name == nil || run == nil ? nil : plugin
  }

  private mutating func environment(_ node: YAMLNode) -> [String: String] {
    var variables: [String: String] = [:]
    guard let mapping = node.mapping else {
      report(node, "environment is a mapping: NAME: value")
      return variables
    }
    for member in mapping {
      guard let name = text(member.key, "a variable's name"), let value = text(member.value, name) else { continue }
      if name.hasPrefix("CASUS_") { report(member.key, "\(name) is set by casus up itself") }
      variables[name] = value
    }
    return variables
  }
}
