import Foundation

/// The project as its files and its manifest tell it.
struct Project {
  struct Target {
    var name: String
    var type: String
    /// Relative to the root.
    var path: String
    var imports: [String]
  }

  struct Row {
    var name: String
    var imports: [String]
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Read once for all tests: everything, and what a user of Casus gets.
  static let manifest = Result { try Project().readManifest("CASUS_TOOLS=1") }
  static let users = Result { try Project().readManifest("-u CASUS_TOOLS") }

  /// What `swift package dump-package` prints. In a scratch folder of its own: the tests' own run holds the other.
  private func readManifest(_ environment: String) throws -> [Target] {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "casus-architecture-\(getpid())")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let output = scratch.appending(path: "package.json")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    let command =
      "exec env \(environment) swift package --package-path '\(root.path)' --scratch-path '\(scratch.path)' dump-package > '\(output.path)'"
    let status = system(command)
    guard status == 0 else { throw Failure(description: "\(command) ended with status \(status)") }
    let package = try JSONDecoder().decode(Dump.self, from: Data(contentsOf: output))
    return package.targets.map { target in
      Target(
        name: target.name, type: target.type,
        path: target.path ?? (target.type == "test" ? "Tests" : "Sources") + "/\(target.name)",
        imports: target.dependencies.map(\.name))
    }
  }

  /// The rows of the table of modules.
  func table() throws -> [Row] {
    let text = try String(contentsOf: root.appending(path: "ARCHITECTURE.md"), encoding: .utf8)
    guard let start = text.range(of: "| module | what it is | imports |") else {
      throw Failure(description: "ARCHITECTURE.md has no table of modules")
    }
    var rows: [Row] = []
    for line in text[start.upperBound...].split(separator: "\n").dropFirst() {
      guard line.hasPrefix("|") else { break }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
      let names = cells.map { cell in
        cell.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
      }
      guard names.count >= 3, let name = names[0].first else {
        throw Failure(description: "no row of a module: \(line)")
      }
      rows.append(Row(name: name, imports: names[2]))
    }
    return rows
  }

  /// Files below a folder, relative to the root; none when there is no such folder.
  func files(under folder: String, suffixes: [String]) throws -> [String] {
    guard let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else { return [] }
    return names.compactMap { $0 as? String }.filter { name in
      suffixes.contains { name.hasSuffix($0) } && !name.contains(".venv") && !name.contains("node_modules")
    }.map { "\(folder)/\($0)" }.sorted()
  }

  /// Numbered from 1.
  func lines(of file: String) throws -> [(number: Int, line: String)] {
    let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines.enumerated().map { ($0.offset + 1, $0.element) }
  }
}

/// The part of the manifest's JSON that is looked at.
private struct Dump: Decodable {
  struct Target: Decodable {
    var name: String
    var type: String
    var path: String?
    var dependencies: [Dependency]
  }

  /// `{"byName": ["X", null]}` or `{"product": ["X", "package", …]}`.
  struct Dependency: Decodable {
    var name: String

    init(from decoder: any Decoder) throws {
      let members = try decoder.singleValueContainer().decode([String: [Part]].self)
      guard case .text(let name)?? = members.values.first?.first else {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no name"))
      }
      self.name = name
    }
  }

  enum Part: Decodable {
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      self = (try? decoder.singleValueContainer().decode(String.self)).map(Part.text) ?? .other
    }
  }

  var targets: [Target]
}
