internal import Glibc

/// A call to the system that failed: what was tried, on what, and its errno. A small plain value.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An errno.
  public var code: Int32
  /// What was tried, behind "cannot": `read`, `write`, `sync`, `make the folder`.
  public var action: String
  /// The path or the name it was tried on; empty when there is none.
  public var subject: String

  public init(_ code: Int32, _ action: String, _ subject: String = "") {
    self.code = code
    self.action = action
    self.subject = subject
  }

  /// The system's sentence for an errno.
  public static func message(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// The sentence for `code`.
  public var reason: String { Self.message(code) }

  /// Whether the file or folder isn't there.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  /// Whether the file has more bytes than were asked for.
  public var isTooLarge: Bool { code == EFBIG }

  /// One line for people: `cannot read /etc/casus/casusd.yaml: No such file or directory`.
  public var description: String {
    subject.isEmpty ? "cannot \(action): \(reason)" : "cannot \(action) \(subject): \(reason)"
  }
}
