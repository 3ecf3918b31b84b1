import Foundation
import TestSupport
import Testing

/// Reference data beside the repository, which the project doesn't carry. Tests that need it are skipped, and say so,
/// where it is absent.
enum SharedData {
  static func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: Checkout.sharedData.appending(path: name).path())
  }

  static func read<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: Checkout.sharedData.appending(path: name)))
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs only where `../shared/data/<name>` is.
  static func needsSharedData(_ name: String) -> Self {
    .enabled(if: SharedData.has(name), "SKIPPED: ../shared/data/\(name) is not there")
  }
}
