import Glibc
import SystemFiles
import Testing

@testable import CasusLaunch

@Suite("A registry file that a tool changes")
struct RegistryFileTests {
  private static let text = """
    agency: jp.test
    plugins:
      # the first
      - name: a
        key: 'one'

      - {name: b, key: two}
    """

  private func file(_ text: String, _ body: (String) throws -> Void) throws {
    let path = "/tmp/casus-registry-\(getpid())-\(UInt32.random(in: 0...(.max))).yaml"
    try HomeFiles.write(text, to: path)
    defer { Files.remove(path) }
    try body(path)
  }

  @Test("keeps what is not meant, whichever way its lines end", arguments: ["\n", "\r\n"])
  func lineEnds(end: String) throws {
    try file(Self.text.replacing("\n", with: end)) { path in
      var registry = try RegistryFile(path)
      #expect(registry.entries.map(\.identity) == ["jp.test/a", "jp.test/b"])
      try registry.setKey("three", of: "jp.test/b")
      try registry.remove("jp.test/a")
      try registry.write()
      let left = "agency: jp.test\nplugins:\n  # the first\n\n  - {name: b, key: 'three'}"
      #expect(try Files.text(path) == left.replacing("\n", with: end))
    }
  }

  @Test("is refused where a line ends in a way that only YAML knows", arguments: ["\r", "\u{85}", "\u{2028}"])
  func strangeLineEnds(end: String) throws {
    try file("# a\(end)" + Self.text) { path in
      let error = #expect(throws: LaunchError.self) { try RegistryFile(path) }
      #expect(error?.description.contains("save it with Unix's line ends") == true)
    }
  }

  @Test("is refused with the place of what is no YAML")
  func place() throws {
    try file("agency: jp.test\nplugins: [{name: a}\n") { path in
      let error = #expect(throws: LaunchError.self) { try RegistryFile(path) }
      #expect(error?.description.hasPrefix("\(path):3:1: while parsing a flow sequence") == true)
    }
  }
}
