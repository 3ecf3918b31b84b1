import Foundation

/// A POSIX access control list, set as the kernel takes it; the standard library has no call for it.
struct AccessList {
  enum Entry: Sendable {
    case owner(UInt16)
    case user(UInt32, UInt16)
    case owningGroup(UInt16)
    case group(UInt32, UInt16)
    case mask(UInt16)
    case others(UInt16)
  }

  private var bytes: [UInt8] = []

  init(_ entries: [Entry]) {
    append(UInt32(2))
    for entry in entries {
      switch entry {
      case .owner(let permissions): append(0x01, permissions)
      case .user(let id, let permissions): append(0x02, permissions, id)
      case .owningGroup(let permissions): append(0x04, permissions)
      case .group(let id, let permissions): append(0x08, permissions, id)
      case .mask(let permissions): append(0x10, permissions)
      case .others(let permissions): append(0x20, permissions)
      }
    }
  }

  private mutating func append(_ tag: UInt16, _ permissions: UInt16, _ id: UInt32 = .max) {
    append(tag)
    append(permissions)
    append(id)
  }

  private mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  func set(on path: String) throws {
    typealias Call = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, Int32) -> Int32
    guard let symbol = dlsym(nil, "setxattr") else { throw CocoaError(.featureUnsupported) }
    let setxattr = unsafeBitCast(symbol, to: Call.self)
    guard setxattr(path, "system.posix_acl_access", bytes, bytes.count, 0) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  static func areSupported() -> Bool {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("casus-acl-\(UUID().uuidString)").path
    guard FileManager.default.createFile(atPath: path, contents: nil) else { return false }
    defer { try? FileManager.default.removeItem(atPath: path) }
    let list = AccessList([.owner(4), .user(geteuid(), 4), .owningGroup(0), .mask(4), .others(0)])
    return (try? list.set(on: path)) != nil
  }
}
