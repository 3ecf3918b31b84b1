internal import Glibc

/// A key pair as a small text file that only its owner may read:
///
///     # casus key jp.nisc/suricata-1
///     public: <the public key as text>
///     secret: <the secret key as text>
///
/// Lines that begin with `#` and empty lines are comments. What a key is, and whether the two belong together, is for the
/// kind of key to say. Reading and writing block; a file is at most 4 KiB.
public struct KeyText: Sendable {
  /// The first comment line without its `# `: what the key is for.
  public let comment: String
  public var publicKey: String
  public var secretKey: String
  /// The lines that the two keys stand on, from 1.
  public private(set) var publicLine = 2
  public private(set) var secretLine = 3

  public init(comment: String, publicKey: String, secretKey: String) {
    self.comment = Self.trim(comment.filter { !$0.isNewline })
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// Reads a key file, and refuses one that anyone but its owner could have read or written. What systemd hands a service as
  /// a credential passes: root's file, which an access list opens to the service's user alone, to read.
  public static func read(_ path: String) throws(KeyFileError) -> KeyText {
    // Without waiting for a writer, should it be a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path, errno) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw .system(path, errno) }
    guard information.st_mode & S_IFMT == S_IFREG else { throw .init(.notAFile, path, "is not a regular file") }
    guard information.st_uid == geteuid() || information.st_uid == 0 else {
      throw .init(.foreignOwner, path, "belongs to user \(information.st_uid), not to this process's user or root")
    }
    guard information.st_mode & 0o077 == 0 || AccessList.isCredential(descriptor, information) else {
      let mode = String(information.st_mode & 0o777, radix: 8)
      throw .init(
        .tooOpen, path, "has mode 0\(mode): others could have read the secret key; chmod 600, or better, make a new key"
      )
    }
    var bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(descriptor, path: path, atMost: 4096)
    } catch {
      guard error.code == EFBIG else { throw .system(path, error.code) }
      throw .init(.syntax, path, "is longer than 4096 bytes, so it is no key file")
    }
    defer { bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } } }
    return try parse(String(decoding: bytes, as: UTF8.self), path: path)
  }

  /// Reads the text of a key file; `path` is for messages only.
  public static func parse(_ text: String, path: String) throws(KeyFileError) -> KeyText {
    var comment: String?
    var keys: [String: (text: String, line: Int)] = [:]
    // "\r\n" is one Character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (number, line) in zip(1..., lines) {
      let line = trim(line)
      if line.isEmpty { continue }
      if line.utf8.first == UInt8(ascii: "#") {
        if comment == nil { comment = String(line.dropFirst()) }
      } else if let name = ["public", "secret"].first(where: { line.hasPrefix("\($0):") }) {
        guard keys.updateValue((trim(line.dropFirst(7)), number), forKey: name) == nil else {
          throw .syntax(path, number, "a second `\(name):`")
        }
      } else {
        throw .syntax(path, number, "neither `public:`, `secret:` nor a comment")
      }
    }
    guard let publicKey = keys["public"] else { throw .init(.syntax, path, "has no `public:` line") }
    guard let secretKey = keys["secret"] else { throw .init(.syntax, path, "has no `secret:` line") }
    var key = KeyText(comment: comment ?? "", publicKey: publicKey.text, secretKey: secretKey.text)
    key.publicLine = publicKey.line
    key.secretLine = secretKey.line
    return key
  }

  /// The file's text.
  public var text: String {
    "# \(comment)\npublic: \(publicKey)\nsecret: \(secretKey)\n"
  }

  /// Writes the file with mode 0600 and syncs it. An existing file is left alone and is an error, unless `replacing`:
  /// then it is replaced in one step, so that a reader sees the old one or the new one.
  public func write(_ path: String, replacing: Bool = false) throws(KeyFileError) {
    do throws(SystemError) {
      if replacing {
        try Files.replace(path, with: text.utf8, mode: 0o600)
      } else {
        try Files.create(path, with: text.utf8, mode: 0o600)
      }
    } catch {
      throw .system(path, error.code)
    }
  }

  private static func trim(_ text: some StringProtocol) -> String {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    var text = text.drop(while: blank)
    while let last = text.last, blank(last) { text = text.dropLast() }
    return String(text)
  }
}

/// Why a key file cannot be used.
public struct KeyFileError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable { case system, notAFile, foreignOwner, tooOpen, syntax, mismatch }

  public var code: Code
  public var path: String
  /// The errno for `.system`, else 0.
  public var errno: Int32
  public var detail: String

  public init(_ code: Code, _ path: String, _ detail: String, errno: Int32 = 0) {
    self.code = code
    self.path = path
    self.errno = errno
    self.detail = detail
  }

  public static func system(_ path: String, _ errno: Int32) -> Self {
    Self(.system, path, SystemError.message(errno), errno: errno)
  }

  /// - Parameter line: from 1.
  public static func syntax(_ path: String, _ line: Int, _ detail: String) -> Self {
    Self(.syntax, path, "line \(line): \(detail)")
  }

  /// One line for people: `key file /etc/casus/key: No such file or directory`.
  public var description: String {
    code == .system || detail.hasPrefix("line ") ? "key file \(path): \(detail)" : "key file \(path) \(detail)"
  }
}
