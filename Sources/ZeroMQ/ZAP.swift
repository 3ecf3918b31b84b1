/// A question of libzmq whether a peer may connect (ZAP, ZeroMQ RFC 27). A plain value.
public struct ZAPRequest: Sendable {
  public enum Credentials: Sendable {
    case null
    case plain(username: String, password: String)
    case curve(CurvePublicKey)
    case other(mechanism: String)
  }

  /// The domain that the server socket was given.
  public var domain: String
  /// The peer's address as libzmq saw it; empty over `ipc://`.
  public var address: String
  public var credentials: Credentials
}

/// The answer to a `ZAPRequest`. A plain value.
public struct ZAPReply: Sendable {
  /// 200 let in; 300 come back later (the connection ends without a word); 400 refused; 500 the handler failed.
  public var status: Int
  /// For people; goes to the peer's library with 400 and 500.
  public var text: String
  /// What `Message.metadata("User-Id")` gives on every message of the connection. Printable ASCII, up to 255 characters.
  public var userID: String

  public static func allow(userID: String) -> Self { Self(status: 200, text: "OK", userID: userID) }
  public static func refuse(_ text: String) -> Self { Self(status: 400, text: text, userID: "") }
  public static func tryLater(_ text: String) -> Self { Self(status: 300, text: text, userID: "") }
  public static func failed(_ text: String) -> Self { Self(status: 500, text: text, userID: "") }
}

extension ZAPRequest {
  /// Reads the frames `version | request id | domain | address | routing id | mechanism | credentials…`.
  /// Nil when they are not a request of ZAP 1.0.
  init?(frames: [[UInt8]]) {
    guard frames.count >= 6, frames[0] == Array("1.0".utf8) else { return nil }
    func text(_ place: Int) -> String { String(decoding: frames[place], as: UTF8.self) }
    domain = text(2)
    address = text(3)
    switch (text(5), frames.count) {
    case ("NULL", 6): credentials = .null
    case ("PLAIN", 8): credentials = .plain(username: text(6), password: text(7))
    case ("CURVE", 7):
      guard let key = CurvePublicKey(bytes: frames[6]) else { return nil }
      credentials = .curve(key)
    case ("NULL", _), ("PLAIN", _), ("CURVE", _): return nil
    default: credentials = .other(mechanism: text(5))
    }
  }
}

extension ZAPReply {
  /// The frames `version | request id | status | text | user id | metadata`. A user id that libzmq could not carry whole
  /// (it cuts at a zero byte) becomes a failure, never a shorter name.
  func frames(requestID: [UInt8]) -> [[UInt8]] {
    let sound = userID.utf8.count <= 255 && userID.utf8.allSatisfy { 0x20 < $0 && $0 < 0x7f }
    let reply = sound ? self : .failed("unusable user id")
    return [
      Array("1.0".utf8), requestID, Array(String(reply.status).utf8), Array(reply.text.utf8.prefix(255)),
      Array(reply.userID.utf8), [],
    ]
  }
}
