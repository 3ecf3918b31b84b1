internal import CasusEvents
internal import Glibc

/// A signer's key as a small text file that only its owner may read:
///
///     # casus signer JP EXERCISE director
///     public: <64 hexadecimal digits>
///     secret: <64 hexadecimal digits>
///
/// Lines that begin with `#` and empty lines are comments. Reading and writing block.
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
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .system(path, errno) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw .system(path, errno) }
    guard information.st_mode & S_IFMT == S_IFREG else { throw LedgerError(.keyFile, "\(path) is not a regular file") }
    guard information.st_uid == geteuid() || information.st_uid == 0 else {
      throw LedgerError(.keyFileMode, "\(path) belongs to user \(information.st_uid)")
    }
    guard information.st_mode & 0o077 == 0 else {
      let mode = String(information.st_mode & 0o777, radix: 8)
      throw LedgerError(
        .keyFileMode, "\(path) has mode 0\(mode): others could have read the secret key; make a new one (mode 0600)")
    }
    var bytes = [UInt8](repeating: 0, count: 4097)
    defer { bytes.withUnsafeMutableBytes { wipe($0) } }
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path, errno)
      }
      filled += count
    }
    guard filled <= 4096 else { throw LedgerError(.key, "\(path) is longer than 4096 bytes, so it is no key file") }
    return try parse(String(decoding: bytes[..<filled], as: UTF8.self), path: path)
  }

  /// Reads the text of a key file; `path` is for messages only.
  public static func parse(_ text: String, path: String) throws(LedgerError) -> SignerKeyFile {
    var comment: String?
    var publicKey: VerifyingKey?
    var seed: [UInt8]?
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let first = words.first else { continue }
      if first.hasPrefix("#") {
        if comment == nil { comment = String(line.drop { $0 == "#" || $0 == " " }) }
      } else if first == "public:", words.count == 2, let key = VerifyingKey(hex: String(words[1])) {
        publicKey = key
      } else if first == "secret:", words.count == 2, let bytes = hexBytes(String(words[1])), bytes.count == 32 {
        seed = bytes
      } else {
        throw LedgerError(
          .key, "\(path), line \(index + 1): neither a comment, `public:` nor `secret:` with 64 hexadecimal digits")
      }
    }
    guard let publicKey, let seed else { throw LedgerError(.key, "\(path) lacks `public:` or `secret:`") }
    let key = try SigningKey(seed: seed)
    guard key.verifyingKey == publicKey else {
      throw LedgerError(.key, "\(path) has a public key that does not belong to its secret key")
    }
    return SignerKeyFile(comment: comment ?? "", key: key)
  }

  /// Writes a new file with mode 0600 and syncs it. An existing file is left alone and is an error (`keyFile`).
  public func write(_ path: String) throws(LedgerError) {
    let comment = comment.filter { !$0.isNewline }
    var text = Array("# \(comment)\npublic: \(key.verifyingKey.hex)\nsecret: ".utf8)
    key.withSeed { text += Array(hexText($0).utf8) }
    text.append(UInt8(ascii: "\n"))
    defer { text.withUnsafeMutableBytes { wipe($0) } }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path, errno) }
    var failure: Int32 = 0
    var written = 0
    while written < text.count, failure == 0 {
      let count = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count >= 0 { written += count } else if errno != EINTR { failure = errno }
    }
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    guard failure == 0 else {
      unlink(path)
      throw .system(path, failure)
    }
  }
}

extension LedgerError {
  fileprivate static func system(_ path: String, _ errno: Int32) -> Self {
    Self(.keyFile, "\(path): \(String(cString: strerror(errno)))")
  }
}
