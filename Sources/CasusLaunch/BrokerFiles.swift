internal import CasusConfiguration
internal import CasusEvents
internal import CasusNames
internal import SystemFiles
internal import YAML
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
    var members: [(name: String, value: YAMLText)] = [
      ("name", .text(broker.name)), ("identity", .text("casus/broker")), ("listen", .texts(listen)),
      ("key", .text("keys/broker.key")), ("registry", .text("registry")), ("journal", .text("journal")),
      ("ready", .text("ready.json")),
    ]
    if broker.acceptsReplay { members.append(("accept_replay", .flag(true))) }
    if broker.exercise { members.append(("exercise", .flag(true))) }
    if !broker.limits.isEmpty {
      let limits = broker.limits.sorted { $0.key < $1.key }.map { (name: $0.key, value: YAMLText.integer($0.value)) }
      members.append(("limits", .mapping(limits)))
    }
    try HomeFiles.write(YAMLText.mapping(members).file(comment: RegistryFile.writtenByUp), to: home.configuration)
  }

  private func writeRegistry() throws(LaunchError) {
    var documents: [String: RegistryDocument] = [:]
    for agency in topology.agencies {
      documents[agency.name] = RegistryDocument(agency: agency.name, nation: agency.nation, prefixes: agency.prefixes)
    }
    let hand = Topology.Person(
      name: Home.operatorName,
      rights: Topology.Rights(
        publish: [Home.everything], subscribe: [Home.everything], roles: Home.operatorRoles, clearance: .red))
    for (name, rights) in topology.plugins.map({ ($0.name, $0.rights) })
      + (topology.people + [hand]).map({ ($0.name, $0.rights) })
    {
      let key = try KeyFile.make(home.key(of: name), name: name.description).keys.publicKey.z85
      documents[name.agency, default: RegistryDocument(agency: name.agency)].plugins.append(
        RegistryDocument.Entry(
          name: name, key: key, roles: rights.roles, publish: rights.publish, subscribe: rights.subscribe,
          clearance: rights.clearance, groups: rights.groups))
    }
    for (agency, document) in documents {
      try HomeFiles.write(
        document.text(comment: RegistryFile.writtenByUp), to: "\(home.registry)/\(agency).yaml")
    }
    for stale in HomeFiles.names(in: home.registry) where stale.hasSuffix(".yaml") {
      if documents[String(stale.dropLast(5))] == nil { Files.remove("\(home.registry)/\(stale)") }
    }
  }
}
