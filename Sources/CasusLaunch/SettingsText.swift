internal import CasusConfiguration
internal import SystemFiles
internal import YAML

/// A plugin's settings as they stand in a topology, made JSON for the file that CASUS_SETTINGS names.
struct SettingsText {
  let reader: ConfigurationReader
  /// Where relative paths of `!file` start.
  let folder: String
  /// How many files deep: a file may name another.
  var depth = 0

  /// A value as JSON text.
  func json(_ node: YAMLNode) -> String {
    reader.json(node) { tag, path, node in tag == "!file" ? contents(of: path, at: node) : nil }
  }

  /// `!file policy.yaml`: the value that another file of YAML or JSON holds.
  private func contents(of path: String, at node: YAMLNode) -> String {
    let path = path.hasPrefix("/") ? path : "\(folder)/\(path)"
    guard depth < 8 else {
      reader.report(node, "files that name files that name files: \(path) is not read")
      return "null"
    }
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try Files.read(path)
    } catch {
      reader.report(node, error.description)
      return "null"
    }
    let inner = SettingsText(reader: reader.reader(of: path), folder: Files.folder(of: path), depth: depth + 1)
    defer { reader.report(inner.reader.faults) }
    return inner.reader.document(bytes, "settings").map { inner.json($0) } ?? "null"
  }
}
