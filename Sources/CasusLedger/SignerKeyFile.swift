internal import CasusEvents
internal import SystemFiles

/// A signer's key as a key file (`SystemFiles.KeyText` says how it looks and who may read it): each key is 64 hexadecimal
/// digits. Reading and writing block.
public struct SignerKeyFile: Sendable {
  /// The first comment line without its `# `: whose key it is.
  public var comment: String
  public var key: SigningKey

  public init(comment: String, key: SigningKey) {
    self.comment = comment
    self.key = key
  }

  /// Reads a key file. Throws `LedgerError`: `keyFile` when it cannot be read, `keyFileMode` when its owner is another
  /// user or others could have read or written it, `key` when it doesn't hold a key pair that belongs together.
  public static func read(_ path: String) throws(LedgerError) -> SignerKeyFile {
    do throws(KeyFileError) { return try make(try KeyText.read(path), path) } catch { throw LedgerError(error) }
  }

  /// Reads the text of a key file; `path` is for messages only.
  public static func parse(_ text: String, path: String) throws(LedgerError) -> SignerKeyFile {
    do throws(KeyFileError) { return try make(try KeyText.parse(text, path: path), path) } catch {
      throw LedgerError(error)
    }
  }

  private static func make(_ text: KeyText, _ path: String) throws(KeyFileError) -> SignerKeyFile {
    guard let publicKey = VerifyingKey(hex: text.publicKey) else {
      throw .syntax(path, text.publicLine, "the public key is not 64 hexadecimal digits")
    }
    guard let seed = hexBytes(text.secretKey), seed.count == 32, let key = try? SigningKey(seed: seed) else {
      throw .syntax(path, text.secretLine, "the secret key is not 64 hexadecimal digits")
    }
    guard key.verifyingKey == publicKey else {
      throw .init(.mismatch, path, "has a public key that does not belong to its secret key")
    }
    return SignerKeyFile(comment: text.comment, key: key)
  }

  /// Writes a new file with mode 0600 and syncs it. An existing file is left alone and is an error (`keyFile`).
  public func write(_ path: String) throws(LedgerError) {
    let secret = key.withSeed { hexText($0) }
    do throws(KeyFileError) {
      try KeyText(comment: comment, publicKey: key.verifyingKey.hex, secretKey: secret).write(path)
    } catch {
      throw LedgerError(error)
    }
  }
}

extension LedgerError {
  fileprivate init(_ error: KeyFileError) {
    let code: Code =
      switch error.code {
      case .system, .notAFile: .keyFile
      case .foreignOwner, .tooOpen: .keyFileMode
      case .syntax, .mismatch: .key
      }
    self.init(code, error.description)
  }
}
