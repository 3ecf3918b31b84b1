public import CasusNames
internal import SystemFiles
internal import YAML
internal import ZeroMQ

/// A person's names for brokers that are reached by their address: where each is, which key proves it, and whom the person is there.
/// It names key files and has no secrets itself. A plain value, read and written here alone.
public struct ContextsFile: Hashable, Sendable {
  public struct Context: Hashable, Sendable {
    public var name: String
    /// Where the broker is reached, as `tcp://192.0.2.1:5577`.
    public var broker: String
    /// The broker's public key in Z85.
    public var brokerKey: String
    /// The file of the person's own key.
    public var keyFile: String
    public var identity: PluginName

    public init(name: String, broker: String, brokerKey: String, keyFile: String, identity: PluginName) {
      self.name = name
      self.broker = broker
      self.brokerKey = brokerKey
      self.keyFile = keyFile
      self.identity = identity
    }
  }

  /// The one that holds where nothing else is said; nil for none.
  public var current: String?
  public private(set) var contexts: [Context] = []

  public init() {}

  public subscript(name: String) -> Context? { contexts.first { $0.name == name } }

  /// Adds one, in the place of one with the same name.
  public mutating func put(_ context: Context) {
    if let index = contexts.firstIndex(where: { $0.name == context.name }) {
      contexts[index] = context
    } else {
      contexts.append(context)
    }
  }

  /// Whether there was one.
  public mutating func remove(_ name: String) -> Bool {
    guard let index = contexts.firstIndex(where: { $0.name == name }) else { return false }
    contexts.remove(at: index)
    if current == name { current = nil }
    return true
  }

  public static let contextTable = FieldTable(
    "a context",
    [
      Field("name", .name, required: true, "What --context calls it."),
      Field("broker", .text, required: true, "Where the broker is reached, as tcp://192.0.2.1:5577."),
      Field("broker_key", .key, required: true, "That broker's public key."),
      Field("key_file", .path, required: true, "The file of one's own key."),
      Field("identity", .identity, required: true, "Whom one is there."),
    ])

  public static let table = FieldTable(
    "the contexts",
    [
      Field("current", .name, "The context that holds where nothing else is said."),
      Field("contexts", .list(.table(contextTable)), standard: "[]", "Brokers by name."),
    ])

  /// - Parameter file: as messages show it.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> ContextsFile {
    try ConfigurationReader.read(bytes, file: file, as: table) { top in
      var contexts = ContextsFile()
      for members in top.list("contexts") {
        let (name, broker) = (members.text("name"), members.text("broker"))
        let (key, keyFile, identity) = (members.text("broker_key"), members.text("key_file"), members.text("identity"))
        if let broker {
          do throws(Endpoint.Fault) { _ = try Endpoint(broker, for: .connect) } catch {
            members.report("broker", "\"\(HarmlessText.bounded(broker, bytes: 200))\" is no endpoint: it \(error)")
          }
        }
        if let name, contexts[name] != nil { members.report("name", "there are two contexts \(name)") }
        guard let name, let broker, let key, let keyFile, let identity = identity.flatMap(PluginName.init) else {
          continue
        }
        contexts.put(Context(name: name, broker: broker, brokerKey: key, keyFile: keyFile, identity: identity))
      }
      contexts.current = top.text("current")
      if let current = contexts.current, contexts[current] == nil {
        top.report(
          "current",
          "there is no context \(current)\(Suggestion.text(for: current, among: contexts.contexts.map(\.name)))")
      }
      return contexts
    }
  }

  /// The file's text.
  public var text: String {
    var members: [(name: String, value: YAMLText)] = []
    if let current { members.append(("current", .text(current))) }
    let list = contexts.map { context in
      YAMLText.mapping([
        ("name", .text(context.name)), ("broker", .text(context.broker)), ("broker_key", .text(context.brokerKey)),
        ("key_file", .text(context.keyFile)), ("identity", .text(context.identity.description)),
      ])
    }
    members.append(("contexts", .list(list)))
    return YAMLText.mapping(members).file(comment: "Brokers that casus reaches by name; see casus context --help.")
  }
}
