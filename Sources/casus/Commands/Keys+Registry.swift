import ArgumentParser
import CasusConfiguration
import CasusLaunch
import CasusNames
import IJSON
import SystemFiles
import ZeroMQ

/// Where the registry is: a folder, or the home's.
struct RegistryOption: ParsableArguments {
  @OptionGroup var home: HomeOption

  @Option(help: ArgumentHelp("The broker's registry folder, instead of the home's.", valueName: "dir"))
  var registry: String?

  var folder: String { registry ?? home.folder.registry }

  /// Until it is let go of nobody else changes the registry by these commands: of two changes at once none is lost.
  func hold() throws -> FolderLock {
    do { return try FolderLock(folder) } catch { throw Failure(reading: error) }
  }

  /// The file that registers a plugin, and its entry there.
  func find(_ name: PluginName) throws -> (file: RegistryFile, entry: RegistryDocument.Entry) {
    // A file that is wrong stands in nobody's way: it is told only when no other has the name.
    var fault: Failure?
    do {
      for file in try RegistryFile.names(in: folder) {
        do {
          let file = try RegistryFile("\(folder)/\(file)")
          if let entry = file.entry(name) { return (file, entry) }
        } catch {
          fault = fault ?? Failure(reading: error)
        }
      }
    } catch {
      throw Failure(reading: error)
    }
    if let fault { throw fault }
    throw Failure(.noInput, "\(name) is not registered in \(folder)")
  }
}

extension Keys {
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a plugin's key out of the broker's registry.",
      discussion: """
        The broker reads its registry each second: the plugin's next message is refused with key-revoked, its session and
        its connection end, and everybody is told by casus.bus.left.v1. What it published stays. No restart is needed.

        In a home of casus up the key file is set aside as well, so that the next start does not let the old key in again: a \
        plugin that the topology still names gets a new one then.

        EXAMPLE: casus keys revoke jp.nisc/suricata-1 --registry /etc/casus/registry
        """)

    @Argument(help: ArgumentHelp("Whose key: agency/plugin.", valueName: "name"))
    var name: String

    @OptionGroup var registry: RegistryOption

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
      guard let plugin = PluginName(name) else { throw Failure(.usage, "\(name) is no plugin's name") }
      let lock = try registry.hold()
      defer { withExtendedLifetime(lock) {} }
      var (file, entry) = try registry.find(plugin)
      do {
        try file.remove(plugin)
        try file.write()
      } catch {
        throw Failure(writing: error)
      }
      let aside = try setAside(entry.key, file)
      if json {
        Terminal.line { json in
          json.string("revoked", name)
          json.string("public", entry.key)
          json.string("file", file.path)
          if let aside { json.string("key_file", aside) }
        }
        return
      }
      Terminal.write(
        HarmlessText.shown("revoked \(entry.key) of \(name), taken out of \(file.path)") + "\n"
          + "A running broker that can read the file cuts it off within a second or two: its next message is refused with key-revoked.\n"
      )
      if let aside {
        Terminal.write(
          HarmlessText.shown("The key file is \(aside) now: casus up makes a new key at its next start, ")
            + "if its topology still names the plugin.\n")
      } else if file.isWrittenByUp {
        Terminal.write(
          "casus up writes this file anew at its next start, with the key files of its home: remove the plugin's there, "
            + "too.\n")
      }
    }

    /// Renames the home's file of a revoked key; nil where casus up does not write the registry, or the file is another's.
    private func setAside(_ key: String, _ file: RegistryFile) throws -> String? {
      guard registry.registry == nil, file.isWrittenByUp, let plugin = PluginName(name) else { return nil }
      let path = registry.home.folder.key(of: plugin)
      guard let held = try? KeyFile.read(path), held.keys.publicKey.z85 == key else { return nil }
      let aside = "\(path).revoked"
      do { try Files.move(path, over: aside) } catch { throw Failure(writing: error) }
      return aside
    }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Give a plugin a new key: a new key file (mode 0600), and the registry names it instead of the old one.",
      discussion: """
        The old key is cut off within a second or two, as by casus keys revoke; start the plugin again with the new file.
        Rights and subscriptions stay: they belong to the name, not to the key.

        EXAMPLE: casus keys rotate jp.nisc/suricata-1 --registry /etc/casus/registry --out suricata-2026.key
        """)

    @Argument(help: ArgumentHelp("Whose key: agency/plugin.", valueName: "name"))
    var name: String

    @OptionGroup var registry: RegistryOption

    @Option(
      help: ArgumentHelp(
        "The file to write; one that exists is never overwritten. Without it the home's own key file is replaced.",
        valueName: "file"))
    var out: String?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
      guard PluginName(name) != nil else {
        throw ValidationError("a plugin's name is agency/plugin, as jp.nisc/suricata-1")
      }
      if registry.registry != nil, out == nil {
        throw ValidationError("--registry needs --out: where the new key goes")
      }
    }

    func run() throws {
      guard let plugin = PluginName(name) else { throw Failure(.usage, "\(name) is no plugin's name") }
      let lock = try registry.hold()
      defer { withExtendedLifetime(lock) {} }
      var (file, entry) = try registry.find(plugin)
      let path = out ?? registry.home.folder.key(of: plugin)
      // Beside the old one until the registry knows it: a failure in between leaves what was.
      let target = out ?? "\(path).new"
      let keys: CurveKeyPair
      do {
        keys = try CurveKeyPair.generate()
        try KeyFile(comment: "casus key \(name)", keys: keys).write(target, replacing: out == nil)
      } catch {
        throw Failure(writing: error)
      }
      do {
        try file.setKey(keys.publicKey.z85, of: plugin)
        try file.write()
        if out == nil { try Files.move(target, over: path) }
      } catch {
        // The registry names the old key still: the new one is of no use.
        if (try? RegistryFile(file.path))?.entry(plugin)?.key != keys.publicKey.z85 { Files.remove(target) }
        throw Failure(writing: error)
      }
      if json {
        Terminal.line { json in
          json.string("rotated", name)
          json.string("old", entry.key)
          json.string("public", keys.publicKey.z85)
          json.string("file", file.path)
          json.string("key_file", path)
        }
        return
      }
      Terminal.write(
        HarmlessText.shown("new key \(keys.publicKey.z85) of \(name) in \(path), named in \(file.path)") + "\n"
          + HarmlessText.shown(
            "The old key \(entry.key) is cut off within a second or two; start the plugin with the new one.")
          + "\n")
    }
  }
}
