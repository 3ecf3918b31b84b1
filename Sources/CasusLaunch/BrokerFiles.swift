internal import CasusNames
internal import SystemFiles
internal import ZeroMQ

/// Writes what `casusd` reads: its configuration and the registry. Both are rewritten at each start, since the topology
/// is their source; keys, journal and state stay.
struct BrokerFiles {
  let home: Home
  let topology: Topology

  /// Makes the folders, the keys and the files of a start.
  func write() throws(LaunchError) {
    try home.makeFolders()
    _ = try KeyFile.make(home.brokerKey, name: "broker")
    try writeConfiguration(listen: topology.broker.listen)
    try writeRegistry()
    for plugin in topology.plugins {
      try HomeFiles.makeFolder(home.state(of: plugin.name))
      let settings = home.settings(of: plugin.name)
      if let text = plugin.settings {
        try HomeFiles.makeFolder(Files.folder(of: settings))
        try HomeFiles.write(text + "\n", to: settings, mode: 0o600)
      } else {
        Files.remove(settings)
      }
    }
  }

  /// - Parameter listen: what the topology names, or after the first start the endpoints it came to, so that a broker
  ///   that is started again is where its plugins look for it.
  func writeConfiguration(listen: [String]) throws(LaunchError) {
    let broker = topology.broker
    var lines = [
      "# Written by casus up at each start; edit the topology instead.",
      "name: \(broker.name)",
      "identity: casus/broker",
      "listen: [\(listen.map(JSONText.quoted).joined(separator: ", "))]",
      "key: keys/broker.key",
      "registry: registry",
      "journal: journal",
      "ready: ready.json",
    ]
    if broker.exercise { lines.append("exercise: true") }
    if !broker.limits.isEmpty {
      lines.append("limits:")
      lines += broker.limits.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    }
    try HomeFiles.write(lines.joined(separator: "\n") + "\n", to: home.configuration)
  }

  private func writeRegistry() throws(LaunchError) {
    var plugins: [String: [String]] = [:]
    for agency in topology.agencies { plugins[agency.name] = [] }
    for plugin in topology.plugins {
      let key = try KeyFile.make(home.key(of: plugin.name), name: plugin.name.description)
      plugins[plugin.name.agency, default: []].append(
        entry(
          plugin.name, key, roles: plugin.roles, publish: plugin.publish, subscribe: plugin.subscribe,
          clearance: plugin.clearance, groups: plugin.groups))
    }
    let hand = Topology.Person(
      name: Home.operatorName, publish: [">"], subscribe: [">"], roles: Home.operatorRoles)
    for person in topology.people + [hand] {
      let key = try KeyFile.make(home.key(of: person.name), name: person.name.description)
      plugins[person.name.agency, default: []].append(
        entry(
          person.name, key, roles: person.roles, publish: person.publish, subscribe: person.subscribe,
          clearance: person.clearance))
    }

    let nations = Dictionary(topology.agencies.map { ($0.name, $0.nation) }) { first, _ in first }
    let prefixes = Dictionary(topology.agencies.map { ($0.name, $0.prefixes) }) { first, _ in first }
    for (agency, entries) in plugins {
      var lines = ["# Written by casus up at each start; edit the topology instead.", "agency: \(agency)"]
      if let nation = nations[agency] ?? nil { lines.append("nation: \(JSONText.quoted(nation))") }
      if let prefixes = prefixes[agency] ?? nil {
        lines.append("prefixes: [\(prefixes.map(JSONText.quoted).joined(separator: ", "))]")
      }
      lines.append(entries.isEmpty ? "plugins: []" : "plugins:")
      try HomeFiles.write((lines + entries).joined(separator: "\n") + "\n", to: "\(home.registry)/\(agency).yaml")
    }
    for stale in HomeFiles.names(in: home.registry) where stale.hasSuffix(".yaml") {
      if plugins[String(stale.dropLast(5))] == nil { Files.remove("\(home.registry)/\(stale)") }
    }
  }

  private func entry(
    _ name: PluginName, _ key: KeyFile, roles: [String], publish: [String], subscribe: [String],
    clearance: String?, groups: [String] = []
  ) -> String {
    func list(_ words: [String]) -> String { "[\(words.map(JSONText.quoted).joined(separator: ", "))]" }
    return """
        - {name: \(name.plugin), key: \(JSONText.quoted(key.keys.publicKey.z85)), roles: \(list(roles)), \
      publish: \(list(publish)), subscribe: \(list(subscribe))\(clearance.map { ", clearance: \($0)" } ?? "")\
      \(groups.isEmpty ? "" : ", groups: \(list(groups))")}
      """
  }
}
