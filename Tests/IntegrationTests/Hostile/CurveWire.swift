import Foundation
import Glibc
import ZeroMQ

/// libsodium's boxes, from the library that libzmq itself has loaded.
private struct Sodium: @unchecked Sendable {  // Functions of a library that is never unloaded.
  typealias KeyPair = @convention(c) (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Int32
  typealias Box =
    @convention(c) (
      UnsafeMutablePointer<UInt8>, UnsafePointer<UInt8>, UInt64, UnsafePointer<UInt8>, UnsafePointer<UInt8>,
      UnsafePointer<UInt8>
    ) -> Int32

  static let library = Sodium()
  let keyPair: KeyPair
  private let easy: Box
  private let openEasy: Box

  private init() {
    let handle = dlopen("libsodium.so.23", RTLD_NOW)
    func find<T>(_ name: String, _ type: T.Type) -> T {
      guard let symbol = dlsym(handle, name) else { fatalError("libsodium has no \(name)") }
      return unsafeBitCast(symbol, to: type)
    }
    keyPair = find("crypto_box_keypair", KeyPair.self)
    easy = find("crypto_box_easy", Box.self)
    openEasy = find("crypto_box_open_easy", Box.self)
  }

  /// A box is 16 bytes longer than its text.
  func box(_ text: [UInt8], nonce: [UInt8], to publicKey: [UInt8], from secretKey: [UInt8]) -> [UInt8] {
    var sealed = [UInt8](repeating: 0, count: text.count + 16)
    _ = easy(&sealed, text, UInt64(text.count), nonce, publicKey, secretKey)
    return sealed
  }

  func open(_ sealed: [UInt8], nonce: [UInt8], from publicKey: [UInt8], to secretKey: [UInt8]) throws -> [UInt8] {
    var text = [UInt8](repeating: 0, count: max(sealed.count - 16, 0))
    guard openEasy(&text, sealed, UInt64(sealed.count), nonce, publicKey, secretKey) == 0 else {
      throw Failure("a box does not open")
    }
    return text
  }
}

/// A CURVE client (CurveZMQ, RFC 26) without libzmq's manners: after an honest handshake it sends any frame, flag or nonce.
final class CurveWire {
  let tcp: RawTCP
  private var short: UInt64 = 0
  private var publicKey = [UInt8](repeating: 0, count: 32)
  private var secretKey = [UInt8](repeating: 0, count: 32)
  private var serverKey: [UInt8] = []
  private var received: [UInt8] = []

  /// Connects and shakes hands; throws when the broker does not go along.
  init(_ endpoint: String, keys: CurveKeyPair, server: CurvePublicKey, metadata: [UInt8]? = nil) throws {
    tcp = try RawTCP(endpoint)
    let sodium = Sodium.library
    _ = sodium.keyPair(&publicKey, &secretKey)
    tcp.send(ZMTP.greeting("CURVE"))
    _ = try take(64)

    let zeros = [UInt8](repeating: 0, count: 64)
    let hello = next()
    tcp.send(
      ZMTP.command(
        "HELLO",
        [1, 0] + [UInt8](repeating: 0, count: 72) + publicKey + hello
          + sodium.box(zeros, nonce: Array("CurveZMQHELLO---".utf8) + hello, to: server.bytes, from: secretKey)))
    let welcome = try command("WELCOME")
    let opened = try sodium.open(
      Array(welcome[16...]), nonce: Array("WELCOME-".utf8) + welcome[..<16], from: server.bytes, to: secretKey)
    serverKey = Array(opened[..<32])

    let vouchNonce = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    let vouch = sodium.box(
      publicKey + server.bytes, nonce: Array("VOUCH---".utf8) + vouchNonce, to: serverKey, from: keys.secretKey.bytes)
    let initiate = next()
    let text = keys.publicKey.bytes + vouchNonce + vouch + (metadata ?? Self.property("Socket-Type", "DEALER"))
    tcp.send(
      ZMTP.command(
        "INITIATE",
        opened[32...] + initiate
          + sodium.box(text, nonce: Array("CurveZMQINITIATE".utf8) + initiate, to: serverKey, from: secretKey)))
    _ = try command("READY")
  }

  static func property(_ name: String, _ value: String) -> [UInt8] {
    [UInt8(name.utf8.count)] + Array(name.utf8) + withUnsafeBytes(of: UInt32(value.utf8.count).bigEndian) { Array($0) }
      + Array(value.utf8)
  }

  /// One frame, sealed as CURVE wants it: `flags` 1 says that more follow, 2 that it is a command. False once hung up.
  @discardableResult
  func send(_ bytes: [UInt8], flags: UInt8 = 0, nonce: [UInt8]? = nil, spoil: Bool = false) -> Bool {
    tcp.send(seal(bytes, flags: flags, nonce: nonce, spoil: spoil))
  }

  func seal(_ bytes: [UInt8], flags: UInt8 = 0, nonce: [UInt8]? = nil, spoil: Bool = false) -> [UInt8] {
    let number = nonce ?? next()
    var box = Sodium.library.box(
      [flags] + bytes, nonce: Array("CurveZMQMESSAGEC".utf8) + number, to: serverKey, from: secretKey)
    if spoil { box[box.count / 2] ^= 1 }
    let body = [7] + Array("MESSAGE".utf8) + number + box
    guard body.count > 255 else { return [0x00, UInt8(body.count)] + body }
    return [0x02] + withUnsafeBytes(of: UInt64(body.count).bigEndian) { Array($0) } + body
  }

  func send(frames: [[UInt8]]) {
    for (place, frame) in frames.enumerated() { send(frame, flags: place + 1 < frames.count ? 1 : 0) }
  }

  /// The next frame that is no command of ZMTP's own; nil once hung up or when nothing comes.
  func hear() throws -> [UInt8]? {
    while true {
      guard let (_, body) = try? frame() else { return nil }
      guard body.count > 16, body[0] == 7 else { continue }
      let nonce = Array("CurveZMQMESSAGES".utf8) + body[8..<16]
      let text = try Sodium.library.open(Array(body[16...]), nonce: nonce, from: serverKey, to: secretKey)
      if text[0] & 2 == 0 { return Array(text[1...]) }
    }
  }

  /// Eight bytes that rise with each frame.
  func next() -> [UInt8] {
    short += 1
    return withUnsafeBytes(of: short.bigEndian) { Array($0) }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count {
      guard let bytes = tcp.receive(milliseconds: 5_000), !bytes.isEmpty else { throw Failure("no handshake") }
      received += bytes
    }
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  /// The next frame: its flags and its body.
  private func frame() throws -> (flags: UInt8, body: [UInt8]) {
    let head = try take(2)
    guard head[0] & 0x02 != 0 else { return (head[0], try take(Int(head[1]))) }
    let size = (head[1...] + (try take(7))).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return (head[0], try take(Int(size)))
  }

  /// The data of the next command, which must have this name.
  private func command(_ name: String) throws -> [UInt8] {
    let body = try frame().body
    guard body.first.map(Int.init) == name.utf8.count, body.dropFirst().starts(with: name.utf8) else {
      throw Failure("\(name) was expected, not \(String(decoding: body.prefix(10), as: UTF8.self))")
    }
    return Array(body[(name.utf8.count + 1)...])
  }
}
