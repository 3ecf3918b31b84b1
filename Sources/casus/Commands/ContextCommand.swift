import ArgumentParser
import CasusConfiguration
import CasusNames
import IJSON
import SystemFiles
import ZeroMQ

/// Brokers by name.
struct ContextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Name brokers that are reached by their address, and choose one.",
    discussion: """
      A context is where a broker is, its public key, the file of one's own key and whom one is there. They stand in casus/contexts.yaml in \
      XDG_CONFIG_HOME, or in ~/.config; no secret does. --context NAME takes one for one command. Where neither that nor --broker nor --home is \
      given, CASUS_BROKER counts first, then CASUS_HOME, CASUS_CONTEXT, and the context that casus context use chose.

      EXAMPLE: casus context add tokyo --broker tcp://192.0.2.1:5577 --broker-key 'PUBLIC' --key-file desk.key --as jp.nisc/desk
      EXAMPLE: casus context use tokyo
      """,
    subcommands: [List.self, Add.self, Use.self, Remove.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The contexts, and which of them holds.", discussion: "EXAMPLE: casus context list --json")

    @Flag(help: "A JSON object a line.") var json = false

    func run() throws {
      let contexts = try Contexts.read()
      guard !json else {
        for context in contexts.contexts { Terminal.write(context.line(isCurrent: context.name == contexts.current)) }
        return
      }
      guard !contexts.contexts.isEmpty else {
        return Terminal.write(HarmlessText.shown("there are no contexts in \(Contexts.path)") + "\n")
      }
      var table = Table(["", "name", "broker", "as", "key file"])
      for context in contexts.contexts {
        table.add([
          context.name == contexts.current ? "*" : "", context.name, context.broker, context.identity.description,
          context.keyFile,
        ])
      }
      Terminal.write(HarmlessText.shown(table.text, keeping: .lines))
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Name a broker; one with the same name is replaced.",
      discussion: """
        The first one is used from then on.

        EXAMPLE: casus context add tokyo --broker tcp://192.0.2.1:5577 --broker-key 'PUBLIC' --key-file desk.key --as jp.nisc/desk
        """)

    @Argument(help: "Its name.") var name: String
    @Option(help: ArgumentHelp("Where the broker is reached, as tcp://192.0.2.1:5577.", valueName: "endpoint"))
    var broker: String
    // One key in 85 begins with a dash.
    @Option(parsing: .unconditional, help: ArgumentHelp("That broker's public key.", valueName: "key"))
    var brokerKey: String
    @Option(help: ArgumentHelp("The file of your own key.", valueName: "file")) var keyFile: String
    @Option(name: .customLong("as"), help: ArgumentHelp("Whom you are there.", valueName: "agency/plugin"))
    var identity: String
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
      guard Name.isValid(name) else { throw ValidationError("\(name) is no name: \(Name.alphabet)") }
      guard PluginName(identity) != nil else {
        throw ValidationError("--as takes agency/plugin, as jp.nisc/desk, not \(identity)")
      }
      try LinkOptions.check(broker: broker, key: brokerKey)
    }

    func run() throws {
      guard let identity = PluginName(identity) else { throw Failure(.usage, "\(identity) is no name") }
      // What can never work is said now.
      do { _ = try KeyFile.read(keyFile) } catch { throw Failure(reading: error) }
      let context = ContextsFile.Context(
        name: name, broker: broker, brokerKey: brokerKey, keyFile: Files.absolute(keyFile), identity: identity)
      let isCurrent = try Contexts.change { contexts in
        if contexts.contexts.isEmpty { contexts.current = name }
        contexts.put(context)
        return contexts.current == name
      }
      Terminal.write(
        json
          ? context.line(isCurrent: isCurrent)
          : HarmlessText.shown("\(name) is \(broker)\(isCurrent ? ", and holds where nothing else is said" : "")")
            + "\n"
            + "fingerprint of its key \(SpokenDigest.fingerprint(ofKey: brokerKey)): compare it with the operator's\n")
    }
  }

  struct Use: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Choose the context that holds where nothing else is said; --none for none.",
      discussion: "EXAMPLE: casus context use tokyo")

    @Argument(help: "Its name.") var name: String?
    @Flag(help: "None from now on.") var none = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
      guard (name == nil) == none else { throw ValidationError("a name, or --none") }
    }

    func run() throws {
      if let name { _ = try Contexts.named(name) }
      try Contexts.change { $0.current = name }
      if json {
        return Terminal.line { json in if let name { json.string("current", name) } else { json.null("current") } }
      }
      Terminal.write(
        name.map { HarmlessText.shown("\($0) holds where nothing else is said") + "\n" } ?? "none is used\n")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget a context; its key file stays.", discussion: "EXAMPLE: casus context remove tokyo")

    @Argument(help: "Its name.") var name: String
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
      _ = try Contexts.named(name)
      try Contexts.change { _ = $0.remove(name) }
      if json { return Terminal.line { $0.string("removed", name) } }
      Terminal.write(HarmlessText.shown("removed \(name)") + "\n")
    }
  }
}

extension ContextsFile.Context {
  fileprivate func line(isCurrent: Bool) -> String {
    jsonLine { json in
      json.string("name", name)
      json.string("broker", broker)
      json.string("broker_key", brokerKey)
      json.string("fingerprint", SpokenDigest.fingerprint(ofKey: brokerKey))
      json.string("key_file", keyFile)
      json.string("identity", identity.description)
      json.bool("current", isCurrent)
    }
  }
}
