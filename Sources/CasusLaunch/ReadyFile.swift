internal import IJSON
internal import SystemFiles
internal import ZeroMQ

/// What `casusd` writes once it listens: `{"pid":…,"listen":[…],"key":"…"}`.
struct ReadyFile: Hashable, Decodable {
  var pid: Int32
  /// The endpoints as they came to be, ports chosen.
  var listen: [String]
  /// Z85.
  var key: String

  /// Nil while there is none, or it is not whole.
  static func read(_ path: String) -> ReadyFile? {
    guard Files.exists(path), let text = try? HomeFiles.read(path),
      let file = try? JSONDocument(Array(text.utf8)).decode(ReadyFile.self), !file.listen.isEmpty
    else { return nil }
    return file
  }

  /// The first endpoint, in the form that a client on this machine connects to.
  var localEndpoint: String {
    (try? Endpoint(listen[0], for: .bind))?.fromThisMachine.description ?? listen[0]
  }
}
