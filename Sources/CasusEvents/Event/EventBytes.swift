/// An event's bytes: an array, or a piece of memory that others share. Nothing changes them.
package struct EventBytes: @unchecked Sendable {  // The owner keeps the memory in place and as it is.
  private enum Source {
    case array([UInt8])
    case shared(UnsafeRawBufferPointer, owner: any AnyObject & Sendable)
  }

  private let source: Source

  package init(_ bytes: [UInt8]) { source = .array(bytes) }

  /// - Parameter owner: keeps the bytes where they are as long as it lives.
  package init(_ bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
    source = .shared(bytes, owner: owner)
  }

  /// The bytes as an array: a copy of shared ones.
  package var array: [UInt8] {
    switch source {
    case .array(let bytes): bytes
    case .shared(let bytes, let owner): withExtendedLifetime(owner) { [UInt8](bytes) }
    }
  }

  package var count: Int {
    switch source {
    case .array(let bytes): bytes.count
    case .shared(let bytes, _): bytes.count
    }
  }

  package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    switch source {
    case .array(let bytes):
      // withUnsafeBytes of an array can't pass the typed error on.
      let result = bytes.withUnsafeBytes { buffer in Result { () throws(E) in try body(buffer) } }
      return try result.get()
    case .shared(let bytes, let owner):
      defer { withExtendedLifetime(owner) {} }
      return try body(bytes)
    }
  }
}
