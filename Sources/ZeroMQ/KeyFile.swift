import Glibc

/// A key pair as a small text file that only its owner may read:
///
///     # casus key jp.nisc/suricata-1
///     public: <40 characters of Z85>
///     secret: <40 characters of Z85>
///
/// Lines that begin with `#` and empty lines are comments. Reading and writing block; a file is at most 4 KiB.
public struct KeyFile: Sendable {
  /// The first comment line without its `# `: what the key is for.
  public var comment: String
  public var keys: CurveKeyPair

  public init(comment: String, keys: CurveKeyPair) {
    self.comment = comment
    self.keys = keys
  }

  /// Reads a key file, and refuses one that anyone but its owner could have read or written. What systemd hands a service as
  /// a credential passes: root's file, which an access list opens to the service's user alone, to read.
  public static func read(_ path: String) throws(KeyFileError) -> KeyFile {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .system(path, errno) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw .system(path, errno) }
    guard information.st_mode & S_IFMT == S_IFREG else { throw .init(.notAFile, path, "is not a regular file") }
    guard information.st_uid == geteuid() || information.st_uid == 0 else {
      throw .init(.foreignOwner, path, "belongs to user \(information.st_uid), not to this process's user or root")
    }
    guard information.st_mode & 0o077 == 0 || isCredential(descriptor, information) else {
      let mode = String(information.st_mode & 0o777, radix: 8)
      throw .init(
        .tooOpen, path, "has mode 0\(mode): others could have read the secret key; chmod 600, or better, make a new key"
      )
    }
    var bytes = [UInt8](repeating: 0, count: 4097)
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
    guard filled <= 4096 else { throw .init(.syntax, path, "is longer than 4096 bytes, so it is no key file") }
    return try parse(String(decoding: bytes[..<filled], as: UTF8.self), path: path)
  }

  /// Reads the text of a key file; `path` is for messages only.
  public static func parse(_ text: String, path: String) throws(KeyFileError) -> KeyFile {
    var comment: String?
    var publicKey: CurvePublicKey?
    var secretKey: CurveSecretKey?
    // "\r\n" is one Character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() {
      let line = trim(line)
      if line.isEmpty { continue }
      if line.utf8.first == UInt8(ascii: "#") {
        if comment == nil { comment = trim(line.dropFirst()) }
      } else if line.hasPrefix("public:") {
        publicKey = CurvePublicKey(z85: trim(line.dropFirst(7)))
        guard publicKey != nil else { throw .syntax(path, index, "the public key is not 40 characters of Z85") }
      } else if line.hasPrefix("secret:") {
        secretKey = CurveSecretKey(z85: trim(line.dropFirst(7)))
        guard secretKey != nil else { throw .syntax(path, index, "the secret key is not 40 characters of Z85") }
      } else {
        throw .syntax(path, index, "neither `public:`, `secret:` nor a comment")
      }
    }
    guard let publicKey else { throw .init(.syntax, path, "has no `public:` line") }
    guard let secretKey else { throw .init(.syntax, path, "has no `secret:` line") }
    let keys: CurveKeyPair
    do { keys = try CurveKeyPair(secretKey: secretKey) } catch { throw .init(.syntax, path, "\(error)") }
    guard keys.publicKey == publicKey else {
      throw .init(.mismatch, path, "has a public key that does not belong to its secret key")
    }
    return KeyFile(comment: comment ?? "", keys: keys)
  }

  /// The file's text.
  public var text: String {
    "# \(comment)\npublic: \(keys.publicKey.z85)\nsecret: \(keys.secretKey.z85)\n"
  }

  /// Writes the file with mode 0600 and syncs it. An existing file is left alone and is an error, unless `replacing`:
  /// then it is replaced in one step, so that a reader sees the old one or the new one.
  public func write(_ path: String, replacing: Bool = false) throws(KeyFileError) {
    let target = replacing ? "\(path).\(getpid()).new" : path
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(target, errno) }
    var failure: Int32 = 0
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty, failure == 0 {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { failure = errno }
    }
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure == 0, replacing, rename(target, path) != 0 { failure = errno }
    guard failure == 0 else {
      unlink(target)
      throw .system(path, failure)
    }
  }

  private static func trim(_ text: Substring) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    var text = text.drop(while: blank)
    while let last = text.last, blank(last) { text.removeLast() }
    return String(text)
  }

  private static func trim(_ text: String) -> String { trim(Substring(text)) }
}

/// Why a key file cannot be used.
public struct KeyFileError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable { case system, notAFile, foreignOwner, tooOpen, syntax, mismatch }

  public var code: Code
  public var path: String
  /// The errno for `.system`, else 0.
  public var errno: Int32
  public var detail: String

  init(_ code: Code, _ path: String, _ detail: String, errno: Int32 = 0) {
    self.code = code
    self.path = path
    self.errno = errno
    self.detail = detail
  }

  static func system(_ path: String, _ errno: Int32) -> Self {
    Self(.system, path, String(cString: strerror(errno)), errno: errno)
  }

  static func syntax(_ path: String, _ index: Int, _ detail: String) -> Self {
    Self(.syntax, path, "line \(index + 1): \(detail)")
  }

  /// One line for people: `key file /etc/casus/key: No such file or directory`.
  public var description: String {
    code == .system || detail.hasPrefix("line ") ? "key file \(path): \(detail)" : "key file \(path) \(detail)"
  }
}
