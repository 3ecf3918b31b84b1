internal import SystemFiles
internal import YAML
internal import ZeroMQ

/// What `casusd` writes once it listens: `{"pid":…,"listen":[…],"key":"…"}`.
struct ReadyFile: Hashable {
  var pid: Int32
  /// The endpoints as they came to be, ports chosen.
  var listen: [String]
  /// Z85.
  var key: String

  /// Nil while there is none, or it is not whole.
  static func read(_ path: String) -> ReadyFile? {
    guard Files.exists(path), let text = try? HomeFiles.read(path), let node = try? YAMLNode.parse(text),
      let pid = node["pid"]?.int, let listen = node["listen"]?.sequence?.compactMap(\.string), !listen.isEmpty,
      let key = node["key"]?.string
    else { return nil }
    return ReadyFile(pid: Int32(truncatingIfNeeded: pid), listen: listen, key: key)
  }

  /// The first endpoint, in the form that a client on this machine connects to.
  var localEndpoint: String {
    (try? Endpoint(listen[0], for: .bind))?.fromThisMachine.description ?? listen[0]
  }
}
