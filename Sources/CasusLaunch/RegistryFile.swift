internal import CasusNames
internal import SystemFiles
internal import YAML

/// One agency's registry file, changed by a tool as a person would: the entry that is meant and nothing else, so that
/// comments, order and layout stay. Reading and writing block; a file is replaced whole or not at all.
public struct RegistryFile: Sendable {
  /// A plugin of the file.
  public struct Entry: Hashable, Sendable {
    /// `jp.nisc/suricata-1`.
    public var identity: String
    public var key: String
    /// The lines of the file that it stands on, from 0.
    fileprivate var lines: Range<Int>
  }

  public let path: String
  public private(set) var entries: [Entry] = []
  private var lines: [String]

  /// Reads a registry file. Throws `LaunchError`: `.noInput`, or `.configuration` with file and line.
  public init(_ path: String) throws(LaunchError) {
    self.path = path
    let text = try HomeFiles.read(path)
    guard !Self.hasOtherLineEnds(text) else {
      throw LaunchError(.configuration, "\(path): some of its lines do not end with \\n; save it with Unix's line ends")
    }
    // Not by characters, which make one of \r\n.
    lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    try readEntries(text)
  }

  /// What ends a line for YAML and not here: then an entry's lines would be another's.
  private static func hasOtherLineEnds(_ text: String) -> Bool {
    var before: Unicode.Scalar = "\n"
    for scalar in text.unicodeScalars {
      if before == "\r", scalar != "\n" { return true }
      if ["\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { return true }
      before = scalar
    }
    return before == "\r"
  }

  /// The files of a registry folder, in the order of their names.
  public static func all(in folder: String) throws(LaunchError) -> [RegistryFile] {
    guard Files.isFolder(folder) else { throw LaunchError(.noInput, "there is no registry folder \(folder)") }
    var files: [RegistryFile] = []
    for name in HomeFiles.names(in: folder).sorted() where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
      files.append(try RegistryFile("\(folder)/\(name)"))
    }
    return files
  }

  private mutating func readEntries(_ text: String) throws(LaunchError) {
    let root: YAMLNode?
    do {
      root = try YAMLNode.parse(text)
    } catch {
      throw LaunchError(.configuration, error.description(in: path))
    }
    guard let root, let agency = root["agency"]?.string else {
      throw LaunchError(.configuration, "\(path): the setting 'agency' is missing")
    }
    guard let plugins = root["plugins"]?.sequence else { return }
    let starts = plugins.map { $0.place.line - 1 }
    for (place, plugin) in plugins.enumerated() {
      guard let name = plugin["name"]?.string, let key = plugin["key"]?.string else {
        throw LaunchError(.configuration, "\(path):\(starts[place] + 1): a plugin needs 'name' and 'key'")
      }
      let next = place + 1 < starts.count ? starts[place + 1] : nil
      entries.append(
        Entry(identity: "\(agency)/\(name)", key: key, lines: starts[place]..<end(of: starts[place], before: next)))
    }
  }

  /// Where the entry that begins on a line ends: before the next one, or at the first line that is not indented deeper than
  /// its dash. Comments and empty lines in front of what follows are not its own.
  private func end(of start: Int, before next: Int?) -> Int {
    let indent = lines[start].prefix { $0 == " " }.count
    var end = start + 1
    while end < (next ?? lines.count) {
      let line = lines[end]
      let isBlank = line.allSatisfy { $0 == " " || $0 == "\r" }
      if !isBlank, line.prefix(while: { $0 == " " }).count <= indent { break }
      end += 1
    }
    func isLoose(_ line: String) -> Bool {
      let text = line.drop { $0 == " " || $0 == "\r" }
      return text.isEmpty || text.first == "#"
    }
    while end > start + 1, isLoose(lines[end - 1]) { end -= 1 }
    return end
  }

  /// Takes a plugin's entry out.
  public mutating func remove(_ identity: String) throws(LaunchError) {
    let entry = try find(identity)
    guard entries.allSatisfy({ $0 == entry || !$0.lines.overlaps(entry.lines) }), hasOwnLines(entry) else {
      throw LaunchError(
        .configuration, "\(path):\(entry.lines.lowerBound + 1): the entry does not begin with '- ' on a line of its own"
      )
    }
    lines.removeSubrange(entry.lines)
    if entries.count == 1, let place = lines.firstIndex(where: { $0.hasPrefix("plugins:") }) {
      lines[place] = "plugins: []"
    }
    try reread()
  }

  /// Puts another key into a plugin's entry.
  public mutating func setKey(_ key: String, of identity: String) throws(LaunchError) {
    let entry = try find(identity)
    // Z85 has marks that are YAML's too, so a key always gets quotes.
    for place in entry.lines {
      for quoted in ["'\(entry.key)'", "\"\(entry.key)\"", entry.key] where lines[place].contains(quoted) {
        lines[place].replace(quoted, with: "'\(key)'", maxReplacements: 1)
        try reread()
        return
      }
    }
    throw LaunchError(
      .configuration, "\(path):\(entry.lines.lowerBound + 1): the key does not stand there as it is; edit by hand")
  }

  private func find(_ identity: String) throws(LaunchError) -> Entry {
    guard let entry = entries.first(where: { $0.identity.utf8.elementsEqual(identity.utf8) }) else {
      throw LaunchError(.noInput, "\(path): \(identity) is not registered there")
    }
    return entry
  }

  /// The file begins with the words of `casus up`, which writes it anew at each start.
  public var isWrittenByUp: Bool { lines.first?.hasPrefix("# Written by casus up") ?? false }

  private func hasOwnLines(_ entry: Entry) -> Bool {
    lines[entry.lines.lowerBound].drop { $0 == " " }.hasPrefix("- ")
  }

  /// What was changed must read as it was meant.
  private mutating func reread() throws(LaunchError) {
    entries = []
    try readEntries(text)
  }

  private var text: String { lines.joined(separator: "\n") }

  /// Renames a file over another and syncs their folder.
  public static func move(_ path: String, over other: String) throws(LaunchError) {
    do throws(SystemError) { try Files.move(path, over: other) } catch {
      throw LaunchError(.cannotCreate, error.description)
    }
  }

  /// Writes the file: beside it, synced, renamed over it, the folder synced. A broker reads the old one or the new one, and
  /// after a power cut it is one of these too. The mode stays.
  public func write() throws(LaunchError) {
    do throws(SystemError) { try Files.replace(path, with: text.utf8) } catch {
      throw LaunchError(.cannotCreate, error.description)
    }
  }
}
