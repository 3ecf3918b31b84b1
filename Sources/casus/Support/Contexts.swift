import CasusConfiguration
import CasusLaunch
import CasusNames
import CasusPlugin
import SystemFiles

/// A person's contexts on the disk: `casus/contexts.yaml` in `XDG_CONFIG_HOME`, or in `~/.config`.
enum Contexts {
  static var folder: String {
    if let folder = Connection.environmentVariable("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
      return "\(folder)/casus"
    }
    return "\(Connection.environmentVariable("HOME") ?? ".")/.config/casus"
  }

  static var path: String { "\(folder)/contexts.yaml" }

  /// None where there is no file. A file that others may change would send a person's commands to a broker of theirs.
  static func read() throws -> ContextsFile {
    guard Files.exists(path) else { return ContextsFile() }
    // The file and every folder above it, links followed.
    if let reason = Files.othersMayChange(path) {
      throw Failure(.notPermitted, "\(path) is no safe place for contexts: \(reason)")
    }
    do { return try ContextsFile.read(try Files.readPlain(path), file: path) } catch { throw Failure(reading: error) }
  }

  /// Changes them; of two changes at once none is lost.
  static func change<R>(_ body: (inout ContextsFile) throws -> R) throws -> R {
    do {
      try Files.makeFolder(folder)
      let lock = try FolderLock(folder)
      defer { withExtendedLifetime(lock) {} }
      var contexts = try read()
      let result = try body(&contexts)
      try Files.replace(path, with: contexts.text.utf8, mode: 0o600)
      return result
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(writing: error)
    }
  }

  /// The one of this name.
  static func named(_ name: String) throws -> ContextsFile.Context {
    let contexts = try read()
    guard let context = contexts[name] else {
      let known = contexts.contexts.map(\.name)
      let help = known.isEmpty ? "casus context add makes one" : "there are \(known.joined(separator: ", "))"
      throw Failure(.noInput, "there is no context \(name); \(help)")
    }
    return context
  }
}
