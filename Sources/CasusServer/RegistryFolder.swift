internal import CasusCore
internal import CasusEvents
internal import CasusNames
internal import CasusWire
internal import FoundationEssentials
internal import SystemFiles
internal import ZeroMQ

/// The registry on disk: a folder with one YAML file an agency.
struct RegistryFolder {
  let path: String
  /// The broker's own identity, which nobody may register.
  let reserved: String
  /// What the files looked like when they were read last.
  private var fingerprint: [String: String] = [:]

  init(_ path: String, reserved: String) {
    self.path = path
    self.reserved = reserved
  }

  /// Whether a file came, went or changed since the last `load`.
  func hasChanged() -> Bool { (try? look()) != fingerprint }

  mutating func load() throws(ServerError) -> Registry {
    let seen = try look()
    var entries: [PluginEntry] = []
    for file in seen.keys.sorted() { entries += try Self.entries(of: YAMLFile("\(path)/\(file)"), reserved: reserved) }
    guard let registry = Registry(entries) else {
      throw ServerError(.configuration, "\(path): \(Self.clash(entries))")
    }
    fingerprint = seen
    return registry
  }

  /// The registry as it stands now.
  func loaded() throws(ServerError) -> Registry {
    var copy = self
    return try copy.load()
  }

  private func look() throws(ServerError) -> [String: String] {
    guard let names = try? Files.names(in: path) else {
      throw ServerError(.noInput, "\(path): there is no registry folder")
    }
    var seen: [String: String] = [:]
    for name in names where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      seen[name] = "\(date) \(attributes?[.size] ?? 0) \(attributes?[.systemFileNumber] ?? 0)"
    }
    return seen
  }

  private static func clash(_ entries: [PluginEntry]) -> String {
    var keys: [String: String] = [:]
    for entry in entries {
      if let other = keys.updateValue(entry.identity, forKey: entry.key) {
        return other == entry.identity
          ? "\(entry.identity) is registered twice" : "\(other) and \(entry.identity) have the same key"
      }
    }
    var owners: [String: String] = [:]
    for entry in entries {
      for prefix in entry.prefixes {
        if let other = owners.updateValue(entry.agency, forKey: prefix), other != entry.agency {
          return "\(other) and \(entry.agency) both own types that begin with \(prefix)"
        }
      }
    }
    return "a plugin is registered twice"
  }

  private static func entries(of file: YAMLFile, reserved: String) throws(ServerError) -> [PluginEntry] {
    let members = try file.root.members(["agency", "nation", "prefixes", "plugins"])
    guard let agencyValue = members["agency"] else { throw file.root.wrong("the setting 'agency' is missing") }
    let agency = try agencyValue.string()
    guard Name.isValid(agency) else {
      throw agencyValue.wrong("an agency is named in \(Name.alphabet), not '\(agency)'")
    }
    let nation = try members["nation"]?.string()
    let prefixes = try prefixes(members["prefixes"], agency: agency)
    var entries: [PluginEntry] = []
    for plugin in try members["plugins"]?.elements() ?? [] {
      var entry = try entry(plugin, agency: agency, nation: nation, reserved: reserved)
      entry.prefixes = prefixes
      entries.append(entry)
    }
    return entries
  }

  /// The beginnings of types that the agency defines; its own name when the file says nothing.
  private static func prefixes(_ value: YAMLValue?, agency: String) throws(ServerError) -> [String] {
    guard let value else { return Name.isVocabulary(agency) ? [] : [agency] }
    return try value.elements().map { (element) throws(ServerError) in
      let prefix = try element.string()
      guard Name.isValid(prefix) else {
        throw element.wrong("a prefix is \(Name.alphabet), not '\(prefix)'")
      }
      guard !Name.isVocabulary(prefix) else {
        throw element.wrong("types that begin with casus are the vocabulary's, which comes with the program")
      }
      return prefix
    }
  }

  private static func entry(
    _ value: YAMLValue, agency: String, nation: String?, reserved: String
  ) throws(ServerError) -> PluginEntry {
    let members = try value.members(["name", "key", "roles", "publish", "subscribe", "clearance", "groups"])
    guard let nameValue = members["name"], let keyValue = members["key"] else {
      throw value.wrong("a plugin needs 'name' and 'key'")
    }
    let name = try nameValue.string()
    guard Name.isValid(name) else {
      throw nameValue.wrong("a plugin is named in \(Name.alphabet), not '\(name)'")
    }
    let identity = "\(agency)/\(name)"
    guard identity != reserved else { throw nameValue.wrong("\(identity) is the broker itself") }
    let key = try keyValue.string()
    guard CurvePublicKey(z85: key) != nil else { throw keyValue.wrong("a public key is 40 characters of Z85") }
    var roles: Set<Role> = []
    for role in try members["roles"]?.elements() ?? [] {
      guard let known = Role(rawValue: try role.string()) else {
        throw role.wrong("there is no such role; known are \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      roles.insert(known)
    }
    var clearance = TLP.red
    if let value = members["clearance"] {
      guard let known = TLP(rawValue: try value.string()) else {
        throw value.wrong("a clearance is RED, AMBER+STRICT, AMBER, GREEN or CLEAR")
      }
      clearance = known
    }
    var groups: Set<String> = []
    for element in try members["groups"]?.elements() ?? [] {
      let group = try element.string()
      guard Name.isValid(group) else {
        throw element.wrong("a group is named in \(Name.alphabet), not '\(group)'")
      }
      groups.insert(group)
    }
    return PluginEntry(
      identity: identity, agency: agency, nation: nation, key: key, roles: roles,
      publish: try patterns(members["publish"]), subscribe: try patterns(members["subscribe"]), clearance: clearance,
      groups: groups)
  }

  private static func patterns(_ value: YAMLValue?) throws(ServerError) -> [TypePattern] {
    var patterns: [TypePattern] = []
    for element in try value?.elements() ?? [] {
      guard let pattern = TypePattern(try element.string()) else {
        throw element.wrong("not a type pattern: words joined by dots, * for one word, a last > for the rest")
      }
      patterns.append(pattern)
    }
    return patterns
  }
}
