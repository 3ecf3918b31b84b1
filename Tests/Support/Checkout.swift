package import Foundation

/// The checkout that the tests were built from, what may stand beside it, and other programs that judge by it.
package enum Checkout {
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Reference data that the project doesn't carry. Tests that need it are skipped, and say so, where it is absent.
  package static let sharedData =
    ProcessInfo.processInfo.environment["CASUS_SHARED_DATA"].map { URL(filePath: $0) }
    ?? root.deletingLastPathComponent().appending(path: "shared/data")

  /// A file's place, from its path in the checkout.
  package static func path(_ name: String) -> String { root.appending(path: name).path }

  /// Runs a Python program: its exit status, 127 where there is no Python, and what it printed.
  package static func python(_ arguments: [String]) -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return (127, "\(error)") }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// Runs a program that judges our files with others' code in an environment of its own, which it makes in `venv`; nil, and
  /// says so, where that cannot be had.
  package static func peer(
    _ script: String, venv: String, _ arguments: [String], without what: String
  ) -> (status: Int32, output: String)? {
    let found = python([path(script), path(".build-venv/\(venv)")] + arguments)
    guard found.status != 77, found.status != 127 else {
      print("SKIPPED: \(what)")
      return nil
    }
    return found
  }
}
