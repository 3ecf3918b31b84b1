import ArgumentParser
import FoundationEssentials
import Glibc

/// Reads what the user names; what can't be read ends the program with one line and status 2.
enum Files {
  static func bytes(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else { throw refuse("can't read \(path)") }
    return Array(data)
  }

  /// The JSON files below a folder, by their path from it, in order.
  static func jsonFiles(in folder: String, recursive: Bool) throws -> [String] {
    do {
      let names =
        recursive
        ? try FileManager.default.subpathsOfDirectory(atPath: folder)
        : try FileManager.default.contentsOfDirectory(atPath: folder)
      return names.filter { $0.hasSuffix(".json") }.sorted()
    } catch {
      throw refuse("can't read the folder \(folder)")
    }
  }

  static func refuse(_ message: String) -> ExitCode {
    let line = Array("conformance: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    return ExitCode(2)
  }
}
