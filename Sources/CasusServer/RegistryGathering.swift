internal import CasusConfiguration
internal import CasusCore
internal import CasusEvents
internal import CasusNames
internal import YAML

/// What belongs to the broker itself.
struct OwnEntry: Sendable {
  var identity: String
  /// Its public key; nil where it is not known.
  var key: String?
}

/// Registry files that fit together: no key, no name and no prefix belongs to two, and an agency has one file. A plain value.
struct RegistryGathering {
  private(set) var entries: [PluginEntry] = []
  private let own: OwnEntry
  /// By agency, and by key: who has it, and where that stands.
  private var agencies: [String: String] = [:]
  private var keys: [String: String] = [:]
  /// Beginnings of types: whose they are.
  private var owners: [String: (agency: String, place: String)] = [:]

  init(_ own: OwnEntry) { self.own = own }

  /// Takes a file's entries, all or none; returns everything that stands in the way.
  mutating func add(_ document: RegistryDocument, from file: String) -> [ConfigurationFault] {
    var faults: [ConfigurationFault] = []
    if let other = agencies[document.agency] {
      faults.append(
        .init(
          file: file, place: document.agencyPlace,
          "\(document.agency) has another file already, \(other), and an agency has one"))
    }
    for (index, prefix) in document.owned.enumerated() {
      guard let other = owners[prefix], other.agency != document.agency else { continue }
      faults.append(
        .init(
          file: file, place: document.place(ofOwned: index),
          "\(document.agency) and \(other.agency) (\(other.place)) both own types that begin with \(prefix)"))
    }
    for entry in document.plugins {
      if let fault = fault(of: entry) { faults.append(.init(file: file, place: fault.place, fault.message)) }
    }
    if faults.isEmpty { take(document, document.plugins, document.owned, file) }
    return faults
  }

  /// Takes what nothing stands in the way of.
  mutating func addWhatFits(_ document: RegistryDocument, from file: String) {
    guard agencies[document.agency] == nil else { return }
    let owned = document.owned.filter { owners[$0] == nil || owners[$0]?.agency == document.agency }
    take(document, document.plugins.filter { fault(of: $0) == nil }, owned, file)
  }

  private func fault(of entry: RegistryDocument.Entry) -> (place: YAMLPlace, message: String)? {
    if entry.name.description == own.identity { return (entry.place, "\(own.identity) is the broker itself") }
    // Its word makes sequences lost in every reader's tree.
    if entry.name.description == BusLoss.sender {
      return (entry.place, "\(BusLoss.sender) is the journal itself, in whose name nobody publishes")
    }
    if entry.key == own.key {
      return (entry.keyPlace, "this is the broker's own key; each plugin has a key of its own (casus keys new)")
    }
    if let other = keys[entry.key] { return (entry.keyPlace, "\(other) and \(entry.name) have the same key") }
    return nil
  }

  private mutating func take(
    _ document: RegistryDocument, _ plugins: [RegistryDocument.Entry], _ owned: [String], _ file: String
  ) {
    agencies[document.agency] = file
    for (index, prefix) in owned.enumerated() {
      owners[prefix] = (document.agency, "\(file):\(document.place(ofOwned: index).line)")
    }
    for entry in plugins {
      keys[entry.key] = entry.name.description
      entries.append(
        PluginEntry(
          identity: entry.name.description, agency: document.agency, nation: document.nation, key: entry.key,
          roles: Set(entry.roles.compactMap(Role.init)), publish: entry.publish, subscribe: entry.subscribe,
          clearance: entry.clearance, prefixes: owned, groups: Set(entry.groups)))
    }
  }
}
