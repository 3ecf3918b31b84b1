internal import CasusConfiguration
internal import CasusCore
internal import CasusEvents
internal import CasusNames
internal import SystemFiles

/// The registry on disk: a folder with one YAML file an agency.
///
/// A file that is wrong is set aside alone: what it said when it was last good stays in force, but for what another file says
/// otherwise, and the others' changes are taken. So nobody's mistake stands in the way of another's revoked key. A value;
/// reading blocks.
struct RegistryFolder: Sendable {
  /// What a look found, when anything had changed.
  struct Change: Sendable {
    var registry: Registry
    /// What is wrong now, a line each.
    var faults: [String]
    /// Of these, what was not wrong at the look before.
    var newFaults: [String]
    /// Files that were wrong at the look before and are not now, or are gone.
    var mended: [String]
    /// Files with new faults, and how many they have.
    var setAside: [String: Int] = [:]
    /// The folder itself cannot be read, or may be changed by others, or can be read again; nil where that is as it was.
    var folder: BusRegistry.State?
  }

  private struct File: Sendable {
    var mark: FileMark
    /// What it says now; nil when that is wrong.
    var document: RegistryDocument?
    /// What it said when it was last taken.
    var inForce: RegistryDocument?
    /// What is wrong in it by itself, and what is wrong beside the others.
    var faults: [String] = []
    var clashes: [String] = []

    var allFaults: [String] { faults + clashes }
    var isInForce: Bool { document != nil && document?.withoutPlaces == inForce?.withoutPlaces }
  }

  let path: String
  private let own: OwnEntry
  private var files: [String: File] = [:]
  private var folderFault: String?

  /// - Parameters:
  ///   - reserved: the broker's own identity, which nobody may register.
  ///   - key: its own public key, likewise; nil where it is not known.
  init(_ path: String, reserved: String, key: String? = nil) {
    self.path = path
    own = OwnEntry(identity: reserved, key: key)
  }

  /// The registry at a start, when every file must be good: there is nothing yet that could stay in force, and a bus that
  /// some agency is missing from looks like one that it has left. Whoever starts a broker sees what is wrong.
  /// - Throws: everything that is wrong.
  mutating func load() throws(ServerError) -> Registry {
    let change = look()
    if let folderFault {
      guard Files.isFolder(path) else { throw ServerError(.init(.missing), "\(path): there is no registry folder") }
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
        registry: merged(), faults: [folderFault ?? ""], newFaults: [folderFault ?? ""], mended: [], folder: .setAside)
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
      mended: before.keys.sorted().filter {
        !(before[$0]?.allFaults.isEmpty ?? true) && files[$0]?.allFaults.isEmpty ?? true
      },
      setAside: files.compactMapValues { file in
        file.allFaults.contains { !old.contains($0) } ? file.allFaults.count : nil
      },
      folder: folderFault == faultBefore ? nil : folderFault == nil ? .good : .setAside)
  }

  private mutating func read(_ name: String, _ mark: FileMark) {
    var file = File(mark: mark, inForce: files[name]?.inForce)
    defer { files[name] = file }
    if let reason = Files.othersMayChange("\(path)/\(name)") {
      file.faults = ["\(path)/\(name) is no safe registry file: \(reason)"]
      return
    }
    do {
      file.document = try RegistryDocument.read(Files.readPlain("\(path)/\(name)"), file: "\(path)/\(name)")
    } catch let error as ConfigurationError {
      file.faults = error.faults.map(\.description)
    } catch {
      file.faults = ["\(error)"]
    }
  }

  /// All files together. First those that are in force as they stand: what a new one says against them is its own fault. Last
  /// what remains in force of files that are wrong now: it yields to whatever a good file says.
  private mutating func merged() -> Registry {
    var gathering = RegistryGathering(own)
    let names = files.keys.sorted()
    let inForce = names.filter { files[$0]?.isInForce ?? false }
    for name in inForce + names.filter({ !inForce.contains($0) }) {
      guard let document = files[name]?.document else { continue }
      let clashes = gathering.add(document, from: "\(path)/\(name)")
      files[name]?.clashes = clashes.map(\.description)
      if clashes.isEmpty { files[name]?.inForce = document }
    }
    for name in names {
      guard let file = files[name], !file.allFaults.isEmpty, let old = file.inForce else { continue }
      gathering.addWhatFits(old, from: "\(path)/\(name)")
    }
    guard let registry = Registry(gathering.entries) else { preconditionFailure("entries that clash were gathered") }
    return registry
  }
}
