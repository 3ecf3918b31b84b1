import Foundation
import TestSupport

/// The files of `Tests/Vectors` that hold Swift and Python to the same.
enum Vectors {
  static func bytes(of name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/\(name)"))))
  }
}
