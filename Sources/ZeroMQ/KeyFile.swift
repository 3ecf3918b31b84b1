public import SystemFiles

/// A CURVE key pair as a key file (`SystemFiles.KeyText` says how it looks and who may read it): each key is 40 characters of
/// Z85. Reading and writing block.
public struct KeyFile: Sendable {
  /// The first comment line without its `# `: what the key is for.
  public var comment: String
  public var keys: CurveKeyPair

  public init(comment: String, keys: CurveKeyPair) {
    self.comment = comment
    self.keys = keys
  }

  /// Reads a key file, and refuses one that anyone but its owner could have read or written.
  public static func read(_ path: String) throws(KeyFileError) -> KeyFile { try make(try KeyText.read(path), path) }

  /// Reads the text of a key file; `path` is for messages only.
  public static func parse(_ text: String, path: String) throws(KeyFileError) -> KeyFile {
    try make(try KeyText.parse(text, path: path), path)
  }

  private static func make(_ text: KeyText, _ path: String) throws(KeyFileError) -> KeyFile {
    guard let publicKey = CurvePublicKey(z85: text.publicKey) else {
      throw .syntax(path, text.publicLine, "the public key is not 40 characters of Z85")
    }
    guard let secretKey = CurveSecretKey(z85: text.secretKey) else {
      throw .syntax(path, text.secretLine, "the secret key is not 40 characters of Z85")
    }
    let keys: CurveKeyPair
    do { keys = try CurveKeyPair(secretKey: secretKey) } catch { throw .init(.syntax, path, "\(error)") }
    guard keys.publicKey == publicKey else {
      throw .init(.mismatch, path, "has a public key that does not belong to its secret key")
    }
    return KeyFile(comment: text.comment, keys: keys)
  }

  private var content: KeyText {
    KeyText(comment: comment, publicKey: keys.publicKey.z85, secretKey: keys.secretKey.z85)
  }

  /// The file's text.
  public var text: String { content.text }

  /// Writes the file with mode 0600 and syncs it. An existing file is left alone and is an error, unless `replacing`:
  /// then it is replaced in one step, so that a reader sees the old one or the new one.
  public func write(_ path: String, replacing: Bool = false) throws(KeyFileError) {
    try content.write(path, replacing: replacing)
  }
}
