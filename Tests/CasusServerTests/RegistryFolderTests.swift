import CasusConfiguration
import CasusCore
import CasusEvents
import CasusNames
import Glibc
import SystemFiles
import Testing

@testable import CasusServer

@Suite struct RegistryFolderTests {
  /// A registry of two agencies, and what a look at it finds.
  private final class Fixture {
    let path: String
    var folder: RegistryFolder
    private(set) var registry: Registry

    init() throws {
      var template = Array("/tmp/casus-registry-XXXXXX".utf8CString)
      path = String(cString: mkdtemp(&template))
      folder = RegistryFolder(path, reserved: "casus/broker")
      registry = Registry()
      write("a", agency("aa", key: 0))
      write("b", agency("bb", key: 1))
      registry = try folder.load()
    }

    deinit {
      for name in (try? Files.names(in: path)) ?? [] { Files.remove("\(path)/\(name)") }
      rmdir(path)
    }

    static let keys = [
      "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
      "V-SG:AWavoW)209zL0s8^o-T0peWo0zunx]fjw$:",
    ]

    func agency(_ name: String, key: Int) -> String {
      "agency: \(name)\nplugins:\n  - {name: p, key: '\(Self.keys[key])'}\n"
    }

    func write(_ name: String, _ text: String) {
      try? Files.replace("\(path)/\(name).yaml", with: text.utf8, mode: 0o600, sync: false)
    }

    func look() -> RegistryFolder.Change? {
      let change = folder.look()
      if let change { registry = change.registry }
      return change
    }

    var names: [String] { registry.byIdentity.keys.sorted() }
  }

  @Test func `a folder that others may write is no registry at a start and keeps what was in force later`() throws {
    let fixture = try Fixture()
    let before = fixture.names.count
    #expect(chmod(fixture.path, 0o777) == 0)
    fixture.write("c", fixture.agency("cc", key: 2))
    let change = fixture.look()
    #expect(change?.newFaults.count == 1 && change?.folder == .setAside)
    #expect(change?.newFaults.first?.contains("is no safe registry: ") == true)
    #expect(fixture.names.count == before, "what others may have put there is not taken")
    #expect(fixture.look() == nil, "said once")
    var start = RegistryFolder(fixture.path, reserved: "casus/broker")
    let error = #expect(throws: ServerError.self) { _ = try start.load() }
    #expect(error?.exit == .notPermitted)
    #expect(chmod(fixture.path, 0o700) == 0)
    #expect(fixture.look()?.faults.isEmpty == true)
    #expect(fixture.names.count == before + 1)
  }

  @Test func `a folder that is gone is told as a fault of its own and so is its return`() throws {
    let fixture = try Fixture()
    let before = fixture.names
    let aside = fixture.path + "-aside"
    #expect(rename(fixture.path, aside) == 0)
    let change = try #require(fixture.look())
    #expect(change.folder == .setAside && change.faults.count == 1 && change.newFaults == change.faults)
    #expect(change.faults[0].contains(fixture.path) && fixture.names == before, "what was in force stays")
    #expect(fixture.look() == nil, "said once")
    #expect(rename(aside, fixture.path) == 0)
    let back = try #require(fixture.look())
    #expect(back.folder == .good && back.faults.isEmpty && fixture.names == before)
    fixture.write("a", fixture.agency("aa", key: 2))
    #expect(fixture.look()?.folder == nil)
  }

  @Test func `a file that others may write is set aside alone and what it said stays in force`() throws {
    let fixture = try Fixture()
    let before = fixture.names
    fixture.write("a", fixture.agency("aa", key: 2))
    #expect(chmod("\(fixture.path)/a.yaml", 0o666) == 0)
    let change = try #require(fixture.look())
    #expect(change.newFaults.count == 1 && change.newFaults[0].contains("a.yaml is no safe registry file: "))
    #expect(fixture.names == before && fixture.registry.byIdentity["aa/p"]?.key == Fixture.keys[0])
    var start = RegistryFolder(fixture.path, reserved: "casus/broker")
    #expect(throws: ServerError.self) { _ = try start.load() }
    #expect(chmod("\(fixture.path)/a.yaml", 0o600) == 0)
    #expect(fixture.look()?.faults.isEmpty == true)
    #expect(fixture.registry.byIdentity["aa/p"]?.key == Fixture.keys[2])
  }

  @Test func `a pipe and a file without end hold nothing up and what is said beside them counts`() throws {
    let fixture = try Fixture()
    #expect(mkfifo("\(fixture.path)/pipe.yaml", 0o600) == 0)
    let huge = open("\(fixture.path)/huge.yaml", O_WRONLY | O_CREAT, 0o600)
    #expect(ftruncate(huge, 3 << 30) == 0 && close(huge) == 0)
    Files.remove("\(fixture.path)/b.yaml")
    let found = fixture.look()
    let change = try #require(found)
    #expect(change.faults.count == 2 && change.faults.contains { $0.contains("pipe.yaml") })
    #expect(change.registry.byKey.count == 1)
  }

  @Test func `nobody is the journal itself`() throws {
    let fixture = try Fixture()
    fixture.write("casus", "agency: casus\nplugins:\n  - {name: journal, key: '\(Fixture.keys[2])'}\n")
    let found = fixture.look()
    #expect(found?.faults.count == 1 && found?.faults[0].contains("casus/journal is the journal itself") == true)
    Files.remove("\(fixture.path)/casus.yaml")
    #expect(fixture.look()?.mended == ["casus.yaml"], "what is gone is wrong no more")
  }

  @Test func `a fault that is made again is new again`() throws {
    let fixture = try Fixture()
    #expect(fixture.look()?.faults == nil, "nothing has changed")
    for round in 1...2 {
      fixture.write("a", "agency: aa\nplugins: 7\n")
      let broken = try #require(fixture.look())
      #expect(broken.newFaults.count == 1 && broken.faults == broken.newFaults && broken.mended == [])
      fixture.write("b", fixture.agency("bb", key: 1) + String(repeating: "#", count: round) + "\n")
      let touched = try #require(fixture.look())
      #expect(touched.newFaults == [] && touched.faults == broken.faults, "it stands, and has been said")
      fixture.write("a", fixture.agency("aa", key: 0))
      let mended = try #require(fixture.look())
      #expect(mended.faults == [] && mended.mended == ["a.yaml"])
    }
  }

  @Test func `a broken file stands in nobodys way`() throws {
    let fixture = try Fixture()
    fixture.write("a", "agency: [\n")
    fixture.write("b", "agency: bb\nplugins: []\n")
    let change = try #require(fixture.look())
    #expect(change.faults.count == 1 && change.faults[0].hasPrefix("\(fixture.path)/a.yaml:2:1: "))
    #expect(fixture.names == ["aa/p"], "the other's key is revoked, and what the broken one said stays")
    Files.remove("\(fixture.path)/a.yaml")
    let removed = try #require(fixture.look())
    #expect(removed.faults == [] && fixture.names == [])
  }

  @Test func `a file that clashes is set aside and taken when it no longer does`() throws {
    let fixture = try Fixture()
    fixture.write("c", fixture.agency("cc", key: 1))
    let change = try #require(fixture.look())
    #expect(change.newFaults == ["\(fixture.path)/c.yaml:3:20: bb/p and cc/p have the same key"])
    #expect(fixture.names == ["aa/p", "bb/p"])
    fixture.write("b", "agency: bb\nplugins: []\n")
    let freed = try #require(fixture.look())
    #expect(freed.mended == ["c.yaml"] && fixture.names == ["aa/p", "cc/p"])
  }

  @Test func `an agency has one file`() throws {
    let fixture = try Fixture()
    fixture.write("c", fixture.agency("aa", key: 2))
    let change = try #require(fixture.look())
    let other = "\(fixture.path)/a.yaml"
    #expect(
      change.newFaults == ["\(fixture.path)/c.yaml:1:9: aa has another file already, \(other), and an agency has one"])
    #expect(fixture.names == ["aa/p", "bb/p"])
  }

  /// Two files that nobody stands in yet clash as they will when somebody does.
  @Test func `what clashes is seen before anybody stands in it`() throws {
    let fixture = try Fixture()
    fixture.write("c", "agency: aa\nplugins: []\n")
    fixture.write("d", "agency: dd\nprefixes: [dd, shared]\n")
    fixture.write("e", "agency: ee\nprefixes:\n  - ee\n  - shared\n  - bb\n")
    let change = try #require(fixture.look())
    #expect(
      change.newFaults == [
        "\(fixture.path)/c.yaml:1:9: aa has another file already, \(fixture.path)/a.yaml, and an agency has one",
        "\(fixture.path)/e.yaml:4:5: ee and dd (\(fixture.path)/d.yaml:2) both own types that begin with shared",
        "\(fixture.path)/e.yaml:5:5: ee and bb (\(fixture.path)/b.yaml:1) both own types that begin with bb",
      ])
  }

  @Test func `the brokers own key is nobody elses`() throws {
    let fixture = try Fixture()
    var folder = RegistryFolder(fixture.path, reserved: "casus/broker", key: Fixture.keys[1])
    let error = #expect(throws: ServerError.self) { try folder.load() }
    #expect(error?.message.hasPrefix("\(fixture.path)/b.yaml:3:20: this is the broker's own key") == true)
  }

  /// What a broken file said before yields, entry by entry, to what a good one says now.
  @Test func `a good file takes what a broken one held`() throws {
    let fixture = try Fixture()
    let both = fixture.agency("aa", key: 0) + "  - {name: q, key: '\(Fixture.keys[2])'}\n"
    fixture.write("a", both)
    _ = fixture.look()
    #expect(fixture.names == ["aa/p", "aa/q", "bb/p"])
    fixture.write("a", "agency: [\n")
    fixture.write("c", fixture.agency("cc", key: 2))
    let change = try #require(fixture.look())
    #expect(change.faults.count == 1 && fixture.names == ["aa/p", "bb/p", "cc/p"])
    fixture.write("d", "agency: aa\nplugins: []\n")
    let replaced = try #require(fixture.look())
    #expect(replaced.faults.count == 1 && fixture.names == ["bb/p", "cc/p"], "another file speaks for the agency now")
  }

  @Test func `a folder that is gone leaves everybody where they are`() throws {
    let fixture = try Fixture()
    #expect(rename(fixture.path, fixture.path + ".away") == 0)
    let gone = try #require(fixture.look())
    #expect(gone.newFaults.count == 1)
    #expect(fixture.look()?.faults == nil, "said once")
    #expect(fixture.names == ["aa/p", "bb/p"])
    #expect(rename(fixture.path + ".away", fixture.path) == 0)
    let back = try #require(fixture.look())
    #expect(back.faults == [])
  }

  @Test func `a start wants every file to be good and says all that is not`() throws {
    let fixture = try Fixture()
    fixture.write("a", "agency: aa\nplugins: 7\n")
    fixture.write("b", "agency: bb\nplugins: 7\n")
    var folder = RegistryFolder(fixture.path, reserved: "casus/broker")
    let error = #expect(throws: ServerError.self) { try folder.load() }
    #expect(error?.exit == CasusNames.ExitStatus.configuration && error?.message.split(separator: "\n").count == 2)
    fixture.write("a", "agency: casus\nplugins:\n  - {name: broker, key: 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'}\n")
    fixture.write("b", fixture.agency("bb", key: 1))
    var other = RegistryFolder(fixture.path, reserved: "casus/broker")
    #expect(#expect(throws: ServerError.self) { try other.load() }?.message.contains("is the broker itself") == true)
    var missing = RegistryFolder(fixture.path + "/none", reserved: "casus/broker")
    #expect(#expect(throws: ServerError.self) { try missing.load() }?.exit == CasusNames.ExitStatus.noInput)
  }

  @Test func `every role of the registry is one of the cores`() {
    #expect(RegistryDocument.roles.map(\.word) == Role.allCases.map(\.rawValue).sorted())
  }
}
