import Foundation
import Testing

/// The rules of ARCHITECTURE.md that a compiler does not keep.
@Suite("The architecture")
struct ArchitectureTests {
  private let project = Project()

  @Test
  func `is what the table in ARCHITECTURE.md says`() throws {
    let manifest = try Project.manifest.get()
    let table = try project.table()
    let written = Dictionary(table.map { ($0.name, $0.imports) }) { first, _ in first }
    #expect(written.count == table.count, "a module stands in two rows")
    for target in manifest where target.type != "test" {
      #expect(written[target.name] != nil, "\(target.name) has no row in ARCHITECTURE.md")
      #expect(
        written[target.name].map(Set.init) == Set(target.imports),
        "the row of \(target.name) is not as in Package.swift")
    }
    let names = Set(manifest.map(\.name))
    for row in table { #expect(names.contains(row.name), "\(row.name) is not in Package.swift any more") }
  }

  @Test
  func `the way of an event names functions that are there`() throws {
    let lines = try project.lines(of: "ARCHITECTURE.md").map(\.line)
    let rows = lines.drop { $0 != "## An event's way" }.dropFirst().prefix { !$0.hasPrefix("## ") }
    let named = rows.filter { $0.hasPrefix("|") }.compactMap { row -> [String]? in
      let words = row.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      let code = words.filter { $0.offset % 2 == 1 }.map { String($0.element) }
      return code.firstIndex { $0.hasSuffix(".swift") }.map { Array(code[$0...]) }
    }
    #expect(named.count >= 12)
    for row in named {
      let text = try project.lines(of: "Sources/\(row[0])").map(\.line)
      for function in row.dropFirst() {
        #expect(text.contains { $0.contains("func \(function)(") }, "\(row[0]) has no \(function)")
      }
    }
  }

  @Test
  func `has imports that point one way: a module imports only modules in rows above its own`() throws {
    let table = try project.table()
    let names = Set(table.map(\.name))
    var above: Set<String> = []
    for row in table {
      let below = Set(row.imports).intersection(names).subtracting(above)
      #expect(below.isEmpty, "\(row.name) imports \(below.sorted()), which stand below it")
      above.insert(row.name)
    }
  }

  @Test
  func `keeps what measures and tests out of the graph of those who only use Casus`() throws {
    let all = try Project.manifest.get().filter { $0.type != "test" }
    let users = try Project.users.get().filter { $0.type != "test" }
    let tools = Set(all.map(\.name)).subtracting(users.map(\.name))
    let expected = all.filter { $0.path.hasPrefix("Tools/") || $0.path.hasPrefix("Tests/Benchmarks/") }.map(\.name)
    #expect(tools == Set(expected))
    #expect(tools.isSuperset(of: ["CasusBench", "conformance", "SoakLoad"]))
    #expect(!users.contains { $0.imports.contains("Histogram") })
  }

  @Test
  func `lets no plugin import the broker`() throws {
    let broker: Set = [
      "CasusCore", "CasusJournal", "CasusServer", "CasusReplay", "CasusLaunch", "CasusWire", "ZeroMQ", "MCAP",
    ]
    let plugins = try Project.manifest.get().filter { $0.path.hasPrefix("Plugins/") && $0.type == "executable" }
    #expect(plugins.count >= 7)
    for plugin in plugins {
      #expect(broker.isDisjoint(with: plugin.imports), "\(plugin.name) imports \(broker.intersection(plugin.imports))")
      #expect(plugin.imports.contains("CasusPlugin"))
    }
  }

  @Test(arguments: [
    "Sources/CasusCore", "Plugins/IncidentCorrelator", "Plugins/AttributionAnalyzer", "Plugins/PurposeAnalyzer",
    "Plugins/DamageEstimator",
  ])
  func `keeps the core and the analyzers pure: no clock, no chance, no socket, no file`(folder: String) throws {
    let core = folder == "Sources/CasusCore"
    let imports =
      ["Foundation", "Glibc", "Dispatch", "ZeroMQ"] + (core ? ["FoundationEssentials", "Synchronization"] : [])
    let names = ["ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "Date()", ".random(", "UUID()"]
    for file in try project.files(under: folder, suffixes: [".swift"]) {
      for (number, line) in try project.lines(of: file) {
        let code = line.prefix { _ in true }.components(separatedBy: "//")[0]
        let words = code.split(whereSeparator: { $0 == " " || $0 == ";" })
        if let place = words.firstIndex(of: "import"), place + 1 < words.count {
          #expect(!imports.contains(String(words[place + 1])), "\(file):\(number) imports \(words[place + 1])")
        }
        for name in names { #expect(!code.contains(name), "\(file):\(number) uses \(name)") }
      }
    }
  }

  /// Foundation brings a library of languages and calendars with it: 9 MB of an idle broker.
  @Test
  func `keeps Foundation out of the broker: none of its modules imports more than FoundationEssentials`() throws {
    let targets = try Dictionary(uniqueKeysWithValues: Project.manifest.get().map { ($0.name, $0) })
    var modules: Set<String> = ["casusd"]
    var rest = ["casusd"]
    while let name = rest.popLast() {
      for name in targets[name]?.imports ?? [] where modules.insert(name).inserted { rest.append(name) }
    }
    #expect(modules.isSuperset(of: ["CasusServer", "CasusCore", "YAML"]))
    for target in modules.compactMap({ targets[$0] }) {
      for file in try project.files(under: target.path, suffixes: [".swift"]) {
        for (number, line) in try project.lines(of: file) {
          #expect(!line.hasSuffix("import Foundation"), "\(file):\(number) imports Foundation")
        }
      }
    }
  }

  @Test
  func `reads and writes JSON with one reader and one writer`() throws {
    for folder in ["Sources", "Plugins", "Tools"] {
      for file in try project.files(under: folder, suffixes: [".swift"]) {
        for (number, line) in try project.lines(of: file) {
          #expect(!line.contains("JSONEncoder") && !line.contains("JSONDecoder"), "\(file):\(number) has another one")
        }
      }
    }
  }

  @Test
  func `has small files: none over 500 lines, a main under 60`() throws {
    for folder in ["Sources", "Plugins", "Tools", "Tests", "deploy"] {
      for file in try project.files(under: folder, suffixes: [".swift", ".c", ".cpp", ".h", ".py", ".md"]) {
        let lines = try project.lines(of: file)
        let isTable = lines.first.map { $0.line.contains("Generated by") || $0.line.contains("Made by") } ?? false
        #expect(isTable || lines.count <= 500, "\(file) has \(lines.count) lines")
        if file.hasSuffix("/main.swift") || file.hasSuffix("/Main.swift") {
          #expect(lines.count < 60, "\(file) has \(lines.count) lines")
        }
      }
    }
  }

  @Test
  func `says why wherever the compiler is told to trust us`() throws {
    for folder in ["Sources", "Plugins", "Tools"] {
      for file in try project.files(under: folder, suffixes: [".swift"]) {
        let lines = try project.lines(of: file)
        for (number, line) in lines where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
          let near = lines[max(0, number - 6)..<number].map(\.line)
          #expect(near.contains { $0.contains("//") }, "\(file):\(number) has no comment that says why")
        }
      }
    }
  }

  @Test
  func `leaves nothing unfinished in the source`() throws {
    let marks = ["TO" + "DO", "FIX" + "ME", "not implemen" + "ted"]
    for folder in ["Sources", "Plugins", "Tools", "Tests", "deploy"] {
      for file in try project.files(under: folder, suffixes: [".swift", ".c", ".cpp", ".h", ".py", ".md", ".yaml"]) {
        for (number, line) in try project.lines(of: file) {
          for mark in marks { #expect(!line.contains(mark), "\(file):\(number) has \(mark)") }
        }
      }
    }
  }
}
