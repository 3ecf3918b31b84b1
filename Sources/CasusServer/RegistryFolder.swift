internal import CasusConfiguration
internal import CasusCore
internal import CasusNames
internal import SystemFiles

/// The registry on disk: a folder with one YAML file an agency.
///
/// A file that is wrong is set aside alone: what it said when it was last good stays in force, and the others' changes are
/// taken, so that nobody's mistake stands in the way of another's revoked key. A value; reading blocks.
struct RegistryFolder: Sendable {
  /// What a look found, when anything had changed.
  struct Change: Sendable {
    var registry: Registry
    /// What is wrong now, a line each.
    var faults: [String]
    /// Of these, what was not wrong at the look before.
    var newFaults: [String]
    /// Files that were wrong at the look before and are not now.
    var mended: [String]
  }

  private struct File: Sendable {
    var mark: FileMark
    /// What it says now; nil when that is wrong.
    var entries: [PluginEntry]?
    /// What it said when it was last taken.
    var inForce: [PluginEntry]?
    /// What is wrong in it by itself, and what is wrong beside the others.
    var faults: [String] = []
    var clash: String?

    var allFaults: [String] { faults + (clash.map { [$0] } ?? []) }
  }

  let path: String
  /// The broker's own identity, which nobody may register.
  let reserved: String
  private var files: [String: File] = [:]
  private var folderFault: String?

  init(_ path: String, reserved: String) {
    self.path = path
    self.reserved = reserved
  }

  /// The registry at a start, when every file must be good.
  /// - Throws: everything that is wrong.
  mutating func load() throws(ServerError) -> Registry {
    let change = look()
    if let folderFault {
      guard Files.isFolder(path) else { throw ServerError(.noInput, "\(path): there is no registry folder") }
      throw ServerError(.notPermitted, folderFault)
    }
    guard let change else { return Registry() }
    guard change.faults.isEmpty else { throw ServerError(.configuration, change.faults.joined(separator: "\n")) }
    return change.registry
  }

  /// Reads what came or changed since the last look; nil when nothing did.
  mutating func look() -> Change? {
    let before = files
    let faultBefore = folderFault
    var hasChanged = false
    // Whoever may write here says who may do what.
    if let reason = Files.isFolder(path) ? Files.othersMayChange(path) : nil {
      folderFault = "\(path) is no safe registry: \(reason)"
      guard folderFault != faultBefore else { return nil }
      return Change(
        registry: merged(), faults: [folderFault ?? ""], newFaults: [folderFault ?? ""], mended: [])
    }
    do throws(SystemError) {
      var seen: Set<String> = []
      for name in try RegistryFile.names(in: path) {
        guard let mark = FileMark(of: "\(path)/\(name)") else { continue }
        seen.insert(name)
        guard files[name]?.mark != mark else { continue }
        hasChanged = true
        read(name, mark)
      }
      for name in files.keys where !seen.contains(name) {
        files[name] = nil
        hasChanged = true
      }
      folderFault = nil
    } catch {
      folderFault = error.description
    }
    guard hasChanged || folderFault != faultBefore else { return nil }
    let registry = merged()
    let old = Set(before.values.flatMap(\.allFaults) + (faultBefore.map { [$0] } ?? []))
    let faults = (folderFault.map { [$0] } ?? []) + files.keys.sorted().flatMap { files[$0]?.allFaults ?? [] }
    return Change(
      registry: registry, faults: faults, newFaults: faults.filter { !old.contains($0) },
      mended: files.keys.sorted().filter {
        !(before[$0]?.allFaults.isEmpty ?? true) && files[$0]?.allFaults.isEmpty ?? false
      })
  }

  private mutating func read(_ name: String, _ mark: FileMark) {
    var file = File(mark: mark, inForce: files[name]?.inForce)
    do {
      let document = try RegistryDocument.read(Files.read("\(path)/\(name)"), file: "\(path)/\(name)")
      file.entries = try entries(of: document, file: "\(path)/\(name)")
    } catch let error as ConfigurationError {
      file.faults = error.faults.map(\.description)
    } catch {
      file.faults = ["\(error)"]
    }
    files[name] = file
  }

  private func entries(of document: RegistryDocument, file: String) throws(ConfigurationError) -> [PluginEntry] {
    if let own = document.plugins.first(where: { $0.name.description == reserved }) {
      throw ConfigurationError([
        ConfigurationFault(file: file, place: own.place, "\(reserved) is the broker itself")
      ])
    }
    return document.plugins.map { entry in
      PluginEntry(
        identity: entry.name.description, agency: document.agency, nation: document.nation, key: entry.key,
        roles: Set(entry.roles.compactMap(Role.init)), publish: entry.publish, subscribe: entry.subscribe,
        clearance: entry.clearance, prefixes: document.owned, groups: Set(entry.groups))
    }
  }

  /// All files together, those first that are in force already: what a new one says against them is its own fault.
  private mutating func merged() -> Registry {
    var gathering = Gathering()
    let names = files.keys.sorted()
    for name in names where files[name]?.entries != nil && files[name]?.entries == files[name]?.inForce {
      take(name, into: &gathering)
    }
    for name in names where files[name]?.entries == nil || files[name]?.entries != files[name]?.inForce {
      take(name, into: &gathering)
    }
    guard let registry = Registry(gathering.entries) else { preconditionFailure("entries that clash were gathered") }
    return registry
  }

  private mutating func take(_ name: String, into gathering: inout Gathering) {
    guard var file = files[name] else { return }
    file.clash = nil
    if let entries = file.entries {
      if let clash = gathering.add(entries) {
        file.clash = "\(path)/\(name): \(clash)"
      } else {
        file.inForce = entries
        files[name] = file
        return
      }
    }
    // What it said before stays, unless that clashes as well: then nobody of it gets in.
    if let old = file.inForce, gathering.add(old) != nil { file.inForce = nil }
    files[name] = file
  }
}

/// Entries that fit together: no key, no name and no prefix belongs to two, and an agency has one file.
private struct Gathering {
  private(set) var entries: [PluginEntry] = []
  private var agencies: Set<String> = []
  private var names: Set<String> = []
  private var keys: [String: String] = [:]
  private var owners: [String: String] = [:]

  /// Takes a file's entries, all or none; returns why not.
  mutating func add(_ new: [PluginEntry]) -> String? {
    var copy = self
    if let agency = new.first?.agency, !copy.agencies.insert(agency).inserted {
      return "\(agency) has another file already, and an agency has one"
    }
    for entry in new {
      guard copy.names.insert(entry.identity).inserted else {
        return "\(entry.identity) is registered twice"
      }
      if let other = copy.keys.updateValue(entry.identity, forKey: entry.key) {
        return "\(other) and \(entry.identity) have the same key"
      }
      for prefix in entry.prefixes {
        if let other = copy.owners.updateValue(entry.agency, forKey: prefix), other != entry.agency {
          return "\(other) and \(entry.agency) both own types that begin with \(prefix)"
        }
      }
      copy.entries.append(entry)
    }
    self = copy
    return nil
  }
}
