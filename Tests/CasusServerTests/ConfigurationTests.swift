import CasusConfiguration
import CasusNames
import Glibc
import SystemFiles
import TestSupport
import Testing

@testable import CasusServer

/// What can never work is refused where the file says it.
@Suite struct ConfigurationTests {
  private let folder = TemporaryFolder()

  private func faults(_ text: String) throws -> [String] {
    let path = "\(folder.path)/casusd.yaml"
    try Files.replace(path, with: text.utf8, sync: false)
    return try Configuration.look(at: path).faults.map { String($0.description.dropFirst(path.utf8.count + 1)) }
  }

  @Test func `an address is listened on once`() throws {
    let found = try faults(
      """
      listen:
        - tcp://127.0.0.1:7000
        - tcp://127.0.0.1:0
        - tcp://127.0.0.1:0
        - tcp://0.0.0.0:7000
        - ipc:///run/casus/bus
        - ipc:///run/casus/bus
      registry: registry
      journal: journal
      """)
    #expect(
      found == [
        "5:5: tcp://0.0.0.0:7000 is taken already by tcp://127.0.0.1:7000, at line 2",
        "7:5: ipc:///run/casus/bus is taken already by ipc:///run/casus/bus, at line 6",
      ])
  }

  @Test(arguments: ["registry", "./registry/", "x/../registry"])
  func `each folder is for one thing`(journal: String) throws {
    let found = try faults(
      "listen: ['tcp://*:0']\nregistry: registry\njournal: \(journal)\nschemas: \(folder.path)/registry\n")
    #expect(
      found == [
        "3:10: journal is the same folder as registry; each needs one of its own",
        "4:10: schemas is the same folder as registry; each needs one of its own",
      ])
  }

  @Test func `a link to a folder is that folder`() throws {
    try Files.makeFolder("\(folder.path)/registry")
    #expect(symlink("registry", "\(folder.path)/journal") == 0)
    let found = try faults("listen: ['tcp://*:0']\nregistry: registry\njournal: journal\n")
    #expect(found.count == 1 && found[0].hasPrefix("3:10: journal is the same folder"))
  }

  @Test func `retention keeps a segment at least`() throws {
    let rest = "listen: ['tcp://*:0']\nregistry: r\njournal: j\n"
    let found = try faults(rest + "retention:\n  max_bytes: 1000000\n")
    #expect(found.count == 1 && found[0].hasPrefix("5:14: max_bytes must be at least segment_bytes (67108864)"))
    #expect(try faults(rest + "segment_bytes: 1000000\nretention: {max_bytes: 1000000}\n") == [])
  }

  @Test func `a start tells all its faults and their common kind`() {
    var faults = StartFaults()
    #expect(throws: Never.self) { try faults.check() }
    faults.add(ServerError(.noInput, "one"))
    #expect(#expect(throws: ServerError.self) { try faults.check() }?.exit == CasusNames.ExitStatus.noInput)
    faults.add([ConfigurationFault(file: "f", "two")])
    let error = #expect(throws: ServerError.self) { try faults.check() }
    #expect(error?.exit == CasusNames.ExitStatus.configuration && error?.message == "one\nf: two")
  }
}
