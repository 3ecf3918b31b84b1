public import CasusConfiguration
internal import CasusEvents
internal import CasusNames
internal import CasusWire
internal import SystemFiles
internal import YAML

/// Reads a topology from YAML and finds everything that is wrong with it in one pass, each with its place.
///
/// `${NAME}` and `${NAME:-default}` in any text stand for environment variables; in settings, `!file PATH` stands for what
/// that file holds. A struct for the time of one read.
public struct TopologyReader {
  private let reader: ConfigurationReader
  private let settings: SettingsText
  /// Where each name was given first.
  private var lines: [PluginName: Int] = [:]

  /// - Parameters:
  ///   - file: its name as messages show it.
  ///   - folder: the absolute folder it stands in.
  ///   - environment: what `${NAME}` may name.
  public static func read(
    yaml: String, file: String, folder: String, environment: [String: String]
  ) throws(ConfigurationError) -> Topology {
    let table = TopologyFields.topology
    return try ConfigurationReader.read(Array(yaml.utf8), file: file, as: table, variables: environment) { top in
      var reader = TopologyReader(reader: top.reader, settings: SettingsText(reader: top.reader, folder: folder))
      return reader.topology(top, folder)
    }
  }

  private mutating func topology(_ top: Members, _ folder: String) -> Topology {
    var topology = Topology(folder: folder)
    if let members = top.members("broker") { topology.broker = broker(members) }
    if let name = top.text("name") { topology.broker.name = name }
    topology.agencies = agencies(top)
    let names = topology.agencies.map(\.name)
    topology.plugins = top.list("plugins").compactMap { plugin($0, names) }
    topology.people = top.list("people").compactMap { person($0, names) }
    return topology
  }

  private func broker(_ members: Members) -> Topology.Broker {
    var broker = Topology.Broker()
    if let name = members.text("name") { broker.name = name }
    if members["listen"] != nil {
      broker.listen = members.endpoints("listen").map(\.text)
    }
    broker.limits = LimitFields.read(members) ?? [:]
    broker.exercise = members.flag("exercise") ?? broker.exercise
    broker.acceptsReplay = members.flag("accept_replay") ?? broker.acceptsReplay
    broker.run = command(members) ?? broker.run
    broker.restart = restart(members)
    broker.stopTimeout = members.span("stop") ?? broker.stopTimeout
    return broker
  }

  private func agencies(_ top: Members) -> [Topology.Agency] {
    // Beginnings of types: whose they are.
    var owners: [String: String] = [:]
    return top.map("agencies").compactMap { name, key, value in
      if !Name.isValid(name) { reader.report(key, "\"\(name)\" is no agency: \(Name.alphabet)") }
      guard let members = reader.members(value, of: TopologyFields.agency) else { return nil }
      let prefixes = members["prefixes"] == nil ? nil : members.items("prefixes")
      for (prefix, node) in prefixes ?? [(name, key)] where !Name.isVocabulary(prefix) {
        if let other = owners.updateValue(name, forKey: prefix), other != name {
          reader.report(node, "\(other) and \(name) both own types that begin with \(prefix)")
        }
      }
      return Topology.Agency(name: name, nation: members.text("nation"), prefixes: prefixes?.map(\.text))
    }
  }

  private mutating func person(_ members: Members, _ agencies: [String]) -> Topology.Person? {
    let rights = rights(members)
    guard let name = name(members, agencies) else { return nil }
    return Topology.Person(name: name, rights: rights)
  }

  private mutating func plugin(_ members: Members, _ agencies: [String]) -> Topology.Plugin? {
    let name = name(members, agencies)
    let run = command(members)
    var plugin = Topology.Plugin(
      name: name ?? Home.operatorName, run: run ?? [], runPlace: members["run"]?.place ?? members.node.place,
      rights: rights(members))
    plugin.input = members.text("input")
    for (name, key, value) in members.map("environment") {
      if name.hasPrefix("CASUS_") { reader.report(key, "\(name) is set by casus up itself") }
      plugin.environment[name] = reader.expanded(value)
    }
    plugin.settings = members["settings"].map { settings.json($0) }
    plugin.restart = restart(members)
    plugin.stopTimeout = members.span("stop") ?? plugin.stopTimeout
    return name == nil || run == nil ? nil : plugin
  }

  /// The name of a plugin or a person: of a known agency, and given once.
  private mutating func name(_ members: Members, _ agencies: [String]) -> PluginName? {
    guard let name = members.text("name").flatMap({ PluginName($0) }), let place = members["name"]?.place else {
      return nil
    }
    if !agencies.contains(name.agency) {
      let suggestion = Suggestion.text(for: name.agency, among: agencies)
      members.report("name", "agency \(name.agency) is not under agencies\(suggestion)")
    }
    if let line = lines[name] { members.report("name", "\(name) is there already, at line \(line)") }
    if name == Home.operatorName { members.report("name", "\(name) is casus up's own") }
    lines[name] = place.line
    return name
  }

  private func rights(_ members: Members) -> Topology.Rights {
    var rights = Topology.Rights()
    rights.publish = patterns(members, "publish")
    rights.subscribe = patterns(members, "subscribe")
    rights.roles = members.texts("roles")
    rights.clearance = members.choice("clearance") ?? rights.clearance
    if members.table["groups"] != nil { rights.groups = members.texts("groups") }
    return rights
  }

  /// A name under `casus.` that is no type of the vocabulary is a slip of the pen, not a schema to come.
  private func patterns(_ members: Members, _ name: String) -> [TypePattern] {
    members.items(name).compactMap { text, node in
      let known = EventSchemas.all.map(\.type)
      if Name.isVocabulary(text), !text.contains(where: { $0 == "*" || $0 == ">" }), !known.contains(text) {
        reader.report(node, "there is no type \(text)\(Suggestion.text(for: text, among: known))")
      }
      return TypePattern(text)
    }
  }

  private func command(_ members: Members) -> [String]? {
    guard members["run"] != nil else { return nil }
    let words = members.texts("run")
    if members.isEmptyList("run") { members.report("run", "run names no program") }
    return words.isEmpty ? nil : words
  }

  /// When alone, or a mapping with all of it.
  private func restart(_ members: Members) -> RestartPolicy {
    var policy = RestartPolicy()
    guard let node = members["restart"] else { return policy }
    if node.scalar != nil {
      let when = reader.text(node, TopologyFields.when, "restart")
      policy.when = when.flatMap(RestartPolicy.When.init) ?? policy.when
    } else if let inner = reader.members(node, of: TopologyFields.restart) {
      policy.when = inner.choice("when") ?? policy.when
      policy.delay = inner.span("delay") ?? policy.delay
      policy.longestDelay = inner.span("longest") ?? policy.longestDelay
      policy.crashes = inner.integer("crashes") ?? policy.crashes
      policy.window = inner.span("window") ?? policy.window
    }
    return policy
  }
}
