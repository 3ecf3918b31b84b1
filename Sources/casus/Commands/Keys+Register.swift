import ArgumentParser
import CasusConfiguration
import CasusEvents
import CasusLaunch
import CasusNames
import CasusWire
import IJSON
import SystemFiles
import ZeroMQ

extension Keys {
  struct Register: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a plugin in: put its public key and its rights into the broker's registry.",
      discussion: """
        The key was made on the plugin's own host (casus keys new), where its secret half stays. Before it is let in, call the person who sent \
        it, at a number that you had before, and have the fingerprint read to you: --fingerprint compares it with the key.

        The entry is added to the file of its agency, which is made where there is none; what else stands there stays as it is. It permits what \
        is named and nothing else. With --replace the key of a plugin that is registered becomes this one, and its rights stay. The broker reads \
        its registry each second; no restart is needed.

        Exit codes: 0 done; 64 wrong use; 65 the fingerprint is another; 66 there is no registry; 73 the name or the key is registered already; \
        74 a disk error; 78 a registry file is wrong.

        EXAMPLE: casus keys register us.cisa/watch-1 --key 'PUBLIC' --fingerprint '3f0a 91c2 77de 0b14 5a6c e802' --nation US \
        --publish casus.incident.v1 --subscribe casus.detection.v1 --clearance AMBER --registry /etc/casus/registry
        """)

    @Argument(help: ArgumentHelp("Whose key: agency/plugin.", valueName: "name"))
    var name: String

    // One key in 85 begins with a dash.
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("The public key, as casus keys new and casus keys show print it.", valueName: "public"))
    var key: String

    @Option(
      help: ArgumentHelp("What its owner read to you; the command is refused when it is another's.", valueName: "text"))
    var fingerprint: String?

    @OptionGroup var registry: RegistryOption

    @Option(help: ArgumentHelp("For a new file: the agency's nation, as US.", valueName: "nation"))
    var nation: String?

    @Option(
      help: ArgumentHelp("A type, or a pattern of types, that it may publish; may be repeated.", valueName: "type"))
    var publish: [String] = []

    @Option(help: ArgumentHelp("A type, or a pattern of types, that it may read; may be repeated.", valueName: "type"))
    var subscribe: [String] = []

    @Option(help: ArgumentHelp("The strictest marking that it is sent.", valueName: "tlp"))
    var clearance: TLP = .clear

    @Option(
      help: ArgumentHelp(
        "A role: \(RegistryDocument.roles.map(\.word).joined(separator: ", ")); may be repeated.", valueName: "role"))
    var role: [String] = []

    @Option(
      help: ArgumentHelp("A group of its agency that it may be a member of; may be repeated.", valueName: "group"))
    var group: [String] = []

    @Flag(help: "Give a plugin that is registered this key instead of its own; it keeps its rights.")
    var replace = false

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
      guard PluginName(name) != nil else {
        throw ValidationError("a plugin's name is agency/plugin, as jp.nisc/suricata-1")
      }
      guard CurvePublicKey(z85: key) != nil else {
        throw ValidationError("--key takes 40 characters of Z85, as casus keys show prints them")
      }
      for (option, patterns) in [("--publish", publish), ("--subscribe", subscribe)] {
        for pattern in patterns where TypePattern(pattern) == nil {
          throw ValidationError("\(option) takes a type or a pattern as casus.*.v1 or casus.bus.>, not \(pattern)")
        }
      }
      for word in role where !RegistryDocument.roles.contains(where: { $0.word == word }) {
        throw ValidationError("there is no role \(word)")
      }
      let rights = publish + subscribe + role + group
      if replace, !rights.isEmpty || nation != nil || clearance != .clear {
        throw ValidationError("--replace changes the key alone; rights are changed in the registry's file")
      }
      if !replace, publish.isEmpty, subscribe.isEmpty, role.isEmpty {
        throw ValidationError("what may it do? An entry permits only what it names: --publish, --subscribe, --role")
      }
    }

    func run() throws {
      guard let plugin = PluginName(name) else { throw Failure(.usage, "\(name) is no plugin's name") }
      let found = SpokenDigest.fingerprint(ofKey: key)
      if let fingerprint, !SpokenDigest.isSame(fingerprint, found) {
        throw Failure(
          .damaged,
          "this key has the fingerprint \(found), not the one that was read to you: somebody may have changed it")
      }
      let lock = try registry.hold()
      let (path, old) = try replace ? change(plugin) : add(plugin)
      withExtendedLifetime(lock) {}
      if json {
        Terminal.line { json in
          json.string(replace ? "replaced" : "registered", name)
          json.string("public", key)
          json.string("fingerprint", found)
          if let old { json.string("old", old) }
          json.string("file", path)
        }
        return
      }
      Terminal.write(
        HarmlessText.shown("registered \(name) in \(path)") + "\nfingerprint \(found)"
          + (fingerprint == nil ? ": compare it with its owner's, over the telephone\n" : ", as it was read to you\n")
          + (old.map { HarmlessText.shown("The old key \($0) is cut off within a second or two.") + "\n" } ?? ""))
    }

    /// Another key for one that is registered.
    private func change(_ plugin: PluginName) throws -> (path: String, old: String?) {
      var (file, entry) = try registry.find(plugin)
      if file.isWrittenByUp {
        throw Failure(.cannotCreate, "\(file.path) is written by casus up at each start, with the keys of its home")
      }
      try refuseTaken(try files(), but: plugin)
      do {
        try file.setKey(key, of: plugin)
        try file.write()
      } catch {
        throw Failure(writing: error)
      }
      return (file.path, entry.key)
    }

    private func add(_ plugin: PluginName) throws -> (path: String, old: String?) {
      let all = try files()
      if let file = all.first(where: { $0.entry(plugin) != nil }) {
        throw Failure(
          .cannotCreate,
          "\(name) is registered already, in \(file.path); --replace gives it this key, and leaves its rights")
      }
      try refuseTaken(all, but: nil)
      let entry = RegistryDocument.Entry(
        name: plugin, key: key, roles: role, publish: publish.compactMap(TypePattern.init),
        subscribe: subscribe.compactMap(TypePattern.init), clearance: clearance, groups: group)
      do {
        if var file = all.first(where: { $0.document.agency == plugin.agency }) {
          if let nation, nation != file.document.nation {
            throw Failure(.usage, "\(file.path) says that the nation is \(file.document.nation ?? "not known")")
          }
          if file.isWrittenByUp {
            throw Failure(
              .cannotCreate, "\(file.path) is written by casus up at each start; add the plugin to the topology")
          }
          try file.add(entry)
          try file.write()
          return (file.path, nil)
        }
        let document = RegistryDocument(agency: plugin.agency, nation: nation, plugins: [entry])
        return (try RegistryFile.make(document, in: registry.folder).path, nil)
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure(writing: error)
      }
    }

    /// All files that can be read. One that is wrong stands in nobody's way, unless it is the agency's own.
    private func files() throws -> [RegistryFile] {
      let own = PluginName(name)?.agency
      var files: [RegistryFile] = []
      do {
        for name in try RegistryFile.names(in: registry.folder) {
          do { files.append(try RegistryFile("\(registry.folder)/\(name)")) } catch {
            if name == "\(own ?? "").yaml" { throw error }
          }
        }
      } catch {
        throw Failure(reading: error)
      }
      let same = files.filter { $0.document.agency == own }
      if same.count > 1 {
        throw Failure(
          .configuration,
          "\(own ?? "") stands in \(same.map(\.path).joined(separator: " and ")): the broker takes one; join them first"
        )
      }
      return files
    }

    private func refuseTaken(_ files: [RegistryFile], but plugin: PluginName?) throws {
      for file in files {
        for entry in file.document.plugins where entry.key == key {
          guard entry.name != plugin else { throw Failure(.cannotCreate, "\(entry.name) has this key already") }
          throw Failure(
            .cannotCreate, "this key is \(entry.name)'s already, in \(file.path): each plugin has a key of its own")
        }
      }
    }
  }
}
