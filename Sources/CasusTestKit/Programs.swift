import FoundationEssentials
import Glibc

/// Where a program of Casus is.
package enum Programs {
  /// The variable of the environment that names the program (`CASUSD`), beside the running test (where `swift build` puts
  /// the programs of the same package), or in `PATH`. Throws `noBroker` with what was looked at.
  package static func path(of name: String) throws(TestKitError) -> String {
    let variable = name.uppercased().replacing("-", with: "_")
    if let named = getenv(variable).map({ String(cString: $0) }), !named.isEmpty {
      guard access(named, X_OK) == 0 else { throw TestKitError(.noBroker, "\(variable) is \(named): no program") }
      return named
    }
    for folder in foldersAboveTheTest()
      + (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
      .map(String.init)
    {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    throw TestKitError(
      .noBroker,
      "there is no \(name) beside the test or in PATH: build it in a checkout of Casus (swift build --product \(name)) "
        + "and set \(variable) to its path")
  }

  /// The test runs as a program in a bundle's folder, or is loaded by a helper; its files are mapped either way.
  private static func foldersAboveTheTest() -> [String] {
    var folders: [String] = []
    let maps = FileManager.default.contents(atPath: "/proc/self/maps") ?? Data()
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") where line.contains(".xctest") {
      guard let start = line.firstIndex(of: "/") else { continue }
      var folder = line[start...]
      while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
        folder = folder[..<slash]
        if !folders.contains(String(folder)) { folders.append(String(folder)) }
      }
    }
    return folders
  }
}
