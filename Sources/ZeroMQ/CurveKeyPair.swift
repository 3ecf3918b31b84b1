import CZeroMQ
import Glibc

/// The public half of a CURVE key pair: 32 bytes, written as 40 characters of Z85. A plain value.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
  private var words: SIMD4<UInt64>

  /// Nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard let words = SIMD4<UInt64>(key: bytes) else { return nil }
    self.words = words
  }

  /// Nil unless the text is 40 characters of Z85 that stand for 32 bytes.
  public init?(z85: String) {
    guard z85.utf8.count == 40, let bytes = Z85.decode(z85) else { return nil }
    self.init(bytes: bytes)
  }

  public var bytes: [UInt8] { words.keyBytes }
  public var z85: String { Z85.encode(bytes) }
  public var description: String { z85 }
}

/// The secret half of a CURVE key pair. It never prints itself: take `z85` where it must be written.
public struct CurveSecretKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private var words: SIMD4<UInt64>

  /// Nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard let words = SIMD4<UInt64>(key: bytes) else { return nil }
    self.words = words
  }

  /// Nil unless the text is 40 characters of Z85 that stand for 32 bytes.
  public init?(z85: String) {
    guard z85.utf8.count == 40, let bytes = Z85.decode(z85) else { return nil }
    self.init(bytes: bytes)
  }

  public var bytes: [UInt8] { words.keyBytes }
  public var z85: String { Z85.encode(bytes) }
  public var description: String { "CurveSecretKey(hidden)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A CURVE key pair (Curve25519): who a socket is. A plain value; keep its secret half out of logs and environments.
public struct CurveKeyPair: Sendable {
  public let publicKey: CurvePublicKey
  public let secretKey: CurveSecretKey

  /// A new pair from the system's random source.
  public static func generate() throws(ZeroMQError) -> CurveKeyPair {
    var publicText = [CChar](repeating: 0, count: 41)
    var secretText = [CChar](repeating: 0, count: 41)
    guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last("zmq_curve_keypair") }
    guard let publicKey = CurvePublicKey(z85: text(publicText)), let secretKey = CurveSecretKey(z85: text(secretText))
    else { throw ZeroMQError(.fault, "zmq_curve_keypair") }
    return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
  }

  /// The pair that `secretKey` belongs to.
  public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
    var publicText = [CChar](repeating: 0, count: 41)
    guard zmq_curve_public(&publicText, secretKey.z85) == 0 else { throw .last("zmq_curve_public") }
    guard let publicKey = CurvePublicKey(z85: Self.text(publicText)) else {
      throw ZeroMQError(.fault, "zmq_curve_public")
    }
    self.init(publicKey: publicKey, secretKey: secretKey)
  }

  private init(publicKey: CurvePublicKey, secretKey: CurveSecretKey) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension SIMD4<UInt64> {
  fileprivate init?(key bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self = bytes.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
  }

  fileprivate var keyBytes: [UInt8] { Swift.withUnsafeBytes(of: self) { [UInt8]($0) } }
}
