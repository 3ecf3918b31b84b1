import CZeroMQ
import Glibc
import SystemFiles

/// What libzmq answered: its errno and the call that failed. A small plain value: throwing it allocates nothing.
public struct ZeroMQError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An errno of the system, or one of libzmq's own above 156384712; compare with the static members.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
  }

  public var code: Code
  /// The libzmq call or option that failed, `zmq_bind`.
  public var operation: StaticString
  /// What it was about, an endpoint for instance; empty when there is nothing to say.
  public var subject: String

  public init(_ code: Code, _ operation: StaticString, _ subject: String = "") {
    self.code = code
    self.operation = operation
    self.subject = subject
  }

  /// The error that the last libzmq call of this thread left.
  static func last(_ operation: StaticString, _ subject: String = "") -> ZeroMQError {
    ZeroMQError(Code(rawValue: zmq_errno()), operation, subject)
  }

  /// A thread or a bell that the system did not give.
  init(_ error: SystemError) { self.init(Code(rawValue: error.code), "system", error.action) }

  public static func == (a: Self, b: Self) -> Bool {
    a.code == b.code && a.operation.description == b.operation.description && a.subject == b.subject
  }

  /// libzmq's sentence for the code.
  public var message: String { String(cString: zmq_strerror(code.rawValue)) }

  public var description: String {
    subject.isEmpty ? "\(operation): \(message)" : "\(operation) \(subject): \(message)"
  }

  /// True when the same call may succeed later without a change by the caller.
  public var isRetriable: Bool {
    switch code {
    case .wouldBlock, .interrupted, .addressInUse, .hostUnreachable, .tooManyFiles, .tooManySockets, .noMemory: true
    default: false
    }
  }
}

extension ZeroMQError.Code {
  public static let wouldBlock = Self(rawValue: EAGAIN)
  public static let interrupted = Self(rawValue: EINTR)
  public static let invalidArgument = Self(rawValue: EINVAL)
  public static let addressInUse = Self(rawValue: EADDRINUSE)
  public static let addressNotAvailable = Self(rawValue: EADDRNOTAVAIL)
  public static let hostUnreachable = Self(rawValue: EHOSTUNREACH)
  public static let protocolNotSupported = Self(rawValue: EPROTONOSUPPORT)
  public static let tooManySockets = Self(rawValue: EMFILE)
  public static let tooManyFiles = Self(rawValue: ENFILE)
  public static let noMemory = Self(rawValue: ENOMEM)
  public static let fault = Self(rawValue: EFAULT)
}
