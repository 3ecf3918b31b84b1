internal import CCrypto

/// An Ed25519 secret key (RFC 8032) of someone who signs statements.
///
/// A class, so that the secret stands in one place and is wiped when the last user lets go; it prints only its keyid.
/// Unchecked because of the raw pointer: its bytes are written in `init` only.
public final class SigningKey: @unchecked Sendable, CustomStringConvertible {
  public let verifyingKey: VerifyingKey
  private let seed: UnsafeMutablePointer<UInt8>

  /// A new key from libcrypto's random generator.
  public static func generate() throws(LedgerError) -> SigningKey {
    var seed = [UInt8](repeating: 0, count: 32)
    var publicKey = [UInt8](repeating: 0, count: 32)
    guard casus_ed25519_generate(&seed, &publicKey) == 1 else {
      throw LedgerError(.crypto, "libcrypto could not make an Ed25519 key")
    }
    defer { seed.withUnsafeMutableBytes { casus_wipe($0.baseAddress, $0.count) } }
    return try SigningKey(seed: seed)
  }

  /// The key of a 32-byte seed.
  public init(seed: [UInt8]) throws(LedgerError) {
    guard seed.count == 32 else { throw LedgerError(.key, "a secret key has 32 bytes, not \(seed.count)") }
    var publicKey = [UInt8](repeating: 0, count: 32)
    guard casus_ed25519_public_key(seed, &publicKey) == 1, let key = VerifyingKey(bytes: publicKey) else {
      throw LedgerError(.crypto, "libcrypto could not derive the public key")
    }
    verifyingKey = key
    self.seed = .allocate(capacity: 32)
    self.seed.initialize(from: seed, count: 32)
  }

  deinit {
    casus_wipe(seed, 32)
    seed.deallocate()
  }

  public var keyid: String { verifyingKey.keyid }
  public var description: String { "signing key \(keyid)" }

  /// The signature, 64 bytes; the same message gives the same signature.
  public func signature(of message: [UInt8]) throws(LedgerError) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    let done = message.withUnsafeBytes { casus_ed25519_sign(seed, $0.baseAddress, $0.count, &signature) }
    guard done == 1 else { throw LedgerError(.crypto, "libcrypto could not sign") }
    return signature
  }

  /// For the key file only.
  func withSeed<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    body(UnsafeBufferPointer(start: seed, count: 32))
  }
}
