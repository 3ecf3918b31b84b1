public import CasusNames
internal import Glibc
public import SystemFiles
internal import YAML

/// One agency's registry file, changed by a tool as a person would: the entry that is meant and nothing else, so that
/// comments, order and layout stay. Reading and writing block; a file is replaced whole or not at all.
public struct RegistryFile: Sendable {
  public let path: String
  public private(set) var document: RegistryDocument
  private var lines: [String]

  /// Throws `SystemError` when the file cannot be read, `ConfigurationError` with every fault when it is wrong.
  public init(_ path: String) throws {
    self.path = path
    let text = try Files.text(path)
    if let line = Self.otherLineEnd(text) {
      throw ConfigurationError([
        ConfigurationFault(
          file: path, place: YAMLPlace(line: line, column: 1),
          "this line does not end with \\n; save the file with Unix's line ends")
      ])
    }
    document = try RegistryDocument.read(Array(text.utf8), file: path)
    // Not by characters, which make one of \r\n.
    lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first line whose end is one for YAML and not here: then an entry's lines would be another's.
  private static func otherLineEnd(_ text: String) -> Int? {
    var line = 1
    var before: Unicode.Scalar = "\n"
    for scalar in text.unicodeScalars {
      if before == "\r", scalar != "\n" { return line }
      if ["\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { return line }
      if scalar == "\n" { line += 1 }
      before = scalar
    }
    return before == "\r" ? line : nil
  }

  /// The names of a registry folder's files, in the order of their bytes.
  public static func names(in folder: String) throws(SystemError) -> [String] {
    try Files.names(in: folder).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
  }

  public func entry(_ name: PluginName) -> RegistryDocument.Entry? { document.plugins.first { $0.name == name } }

  /// The lines of the file that an entry stands on, from 0: up to the next one, or to the first line that is not indented
  /// deeper than its dash. Comments and empty lines in front of what follows are not its own.
  private func lines(of entry: RegistryDocument.Entry) -> Range<Int> {
    let start = entry.place.line - 1
    let next = document.plugins.map { $0.place.line - 1 }.filter { $0 > start }.min() ?? lines.count
    let indent = lines[start].prefix { $0 == " " }.count
    var end = start + 1
    while end < next {
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
    return start..<end
  }

  /// Takes a plugin's entry out.
  public mutating func remove(_ name: PluginName) throws(ConfigurationError) {
    let entry = try find(name)
    let own = lines(of: entry)
    let isAlone = document.plugins.allSatisfy { $0.name == name || !lines(of: $0).overlaps(own) }
    guard isAlone, lines[own.lowerBound].drop(while: { $0 == " " }).hasPrefix("- ") else {
      throw fault(entry.place, "the entry does not begin with '- ' on a line of its own; edit by hand")
    }
    lines.removeSubrange(own)
    if document.plugins.count == 1, let place = lines.firstIndex(where: { $0.hasPrefix("plugins:") }) {
      lines[place] = "plugins: []"
    }
    try reread()
  }

  /// Puts another key into a plugin's entry.
  public mutating func setKey(_ key: String, of name: PluginName) throws(ConfigurationError) {
    let entry = try find(name)
    // Z85 has marks that are YAML's too, so a key always gets quotes.
    let place = entry.keyPlace.line - 1
    for quoted in ["'\(entry.key)'", "\"\(entry.key)\"", entry.key] where lines[place].contains(quoted) {
      lines[place].replace(quoted, with: "'\(key)'", maxReplacements: 1)
      return try reread()
    }
    throw fault(entry.keyPlace, "the key does not stand there as it is; edit by hand")
  }

  /// Adds a plugin's entry behind the others.
  public mutating func add(_ entry: RegistryDocument.Entry) throws(ConfigurationError) {
    let (place, indent) = try end()
    // Behind a last line that does not end, it is the one that does not.
    let isBehindOpen = place == lines.count && !lines[place - 1].hasSuffix(ending)
    if isBehindOpen { lines[place - 1] += ending }
    lines.insert(
      String(repeating: " ", count: indent) + "- \(entry.text.line)" + (isBehindOpen ? "" : ending), at: place)
    let before = document.withoutPlaces.plugins
    try reread()
    guard document.withoutPlaces.plugins.dropLast().elementsEqual(before) else {
      throw fault(nil, "the entries before it would read otherwise; edit by hand")
    }
    var read = document.withoutPlaces.plugins.last
    read?.place = entry.place
    read?.keyPlace = entry.keyPlace
    guard read == entry else {
      throw fault(nil, "the entry of \(entry.name) would not read as it is meant; edit by hand")
    }
  }

  private var ending: String { lines.first?.hasSuffix("\r") == true ? "\r" : "" }

  /// Where a further entry goes, and how deep its dash stands.
  private mutating func end() throws(ConfigurationError) -> (line: Int, indent: Int) {
    if let last = document.plugins.max(by: { $0.place.line < $1.place.line }) {
      let own = lines(of: last)
      let line = lines[own.lowerBound].drop { $0 == " " }
      guard line.hasPrefix("- ") else {
        throw fault(last.place, "the entry does not begin with '- ' on a line of its own; edit by hand")
      }
      return (own.upperBound, lines[own.lowerBound].count - line.count)
    }
    if let place = lines.firstIndex(where: { $0.hasPrefix("plugins:") }) {
      // Nothing but an empty list stands there, and perhaps a comment.
      lines[place] = "plugins:" + (lines[place].firstIndex(of: "#").map { " \(lines[place][$0...])" } ?? ending)
      return (place + 1, 2)
    }
    let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    lines.insert("plugins:" + ending, at: end)
    if end == lines.count - 1 { lines.append("") }
    return (end + 1, 2)
  }

  private func find(_ name: PluginName) throws(ConfigurationError) -> RegistryDocument.Entry {
    guard let entry = entry(name) else { throw fault(nil, "\(name) is not registered there") }
    return entry
  }

  private func fault(_ place: YAMLPlace?, _ message: String) -> ConfigurationError {
    ConfigurationError([ConfigurationFault(file: path, place: place, message)])
  }

  /// The first words of a file that `casus up` writes anew at each start.
  public static let writtenByUp = "Written by casus up at each start; edit the topology instead."

  public var isWrittenByUp: Bool { lines.first == "# \(Self.writtenByUp)" }

  /// What was changed must read as it was meant.
  private mutating func reread() throws(ConfigurationError) {
    document = try RegistryDocument.read(Array(text.utf8), file: path)
  }

  private var text: String { lines.joined(separator: "\n") }

  /// Writes the file: beside it, synced, renamed over it, the folder synced. A broker reads the old one or the new one, and
  /// after a power cut it is one of these too. Mode, owner and group stay, so that who could read it still can. One that is a link
  /// is not written: what it points to would be left behind.
  ///
  /// Whoever changes a file holds its folder (`FolderLock`) from before it is read.
  public func write() throws(SystemError) {
    if Files.isLink(path) { throw SystemError(ELOOP, "change the link", path) }
    try Files.replace(path, with: text.utf8)
  }

  /// Makes an agency's file, which whoever reads the folder's other files can read.
  public static func make(_ document: RegistryDocument, in folder: String) throws -> RegistryFile {
    let path = "\(folder)/\(document.agency).yaml"
    let text = document.text(comment: "The plugins of \(document.agency).")
    // As the broker will read it: a nation that is none is said here.
    _ = try RegistryDocument.read(Array(text.utf8), file: path)
    let beside = try names(in: folder).first.map { "\(folder)/\($0)" }
    try Files.create(
      path, with: text.utf8, mode: beside.flatMap(Files.mode) ?? 0o644, owner: beside.flatMap(FileOwner.init))
    return try RegistryFile(path)
  }
}
