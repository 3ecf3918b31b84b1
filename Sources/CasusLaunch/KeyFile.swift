public import ZeroMQ
internal import Glibc

/// A CURVE key pair in a file that only its owner may read:
///
///     # casus key jp.nisc/suricata-1
///     public: <40 characters of Z85>
///     secret: <40 characters of Z85>
public struct KeyFile: Hashable, Sendable {
  public let publicKey: String
  public let secretKey: String

  /// Reads a key file and refuses one that others may read.
  public static func read(_ path: String) throws(LaunchError) -> KeyFile {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw LaunchError(.noInput, "no key file \(path): \(Files.message(errno))")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw LaunchError(.key, "\(path) may be read by others: chmod 600 \(path)")
    }
    var fields: [Substring: Substring] = [:]
    for line in try Files.read(path).split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
    }
    guard let publicKey = fields["public"], let secretKey = fields["secret"], publicKey.utf8.count == 40,
      secretKey.utf8.count == 40
    else { throw LaunchError(.key, "\(path) is no key file: it needs public: and secret:, 40 characters of Z85 each") }
    return KeyFile(publicKey: String(publicKey), secretKey: String(secretKey))
  }

  /// Makes a pair and writes it with mode 0600. An existing file is left alone and read instead.
  public static func make(_ path: String, name: String) throws(LaunchError) -> KeyFile {
    if Files.exists(path) { return try read(path) }
    let pair = try newPair()
    try Files.makeFolder(Files.folder(of: path))
    try Files.write(
      "# casus key \(name)\npublic: \(pair.publicKey)\nsecret: \(pair.secretKey)\n", to: path, mode: 0o600)
    return pair
  }
}
