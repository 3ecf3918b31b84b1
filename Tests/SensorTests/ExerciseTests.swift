import CasusEvents
import CasusSensor
import Foundation
import TestSupport
import Testing

@testable import OutageSensor
@testable import SuricataSensor

@Suite("The exercise") struct ExerciseTests {
  static func drafts() async throws -> (drafts: [Draft], summary: Summary) {
    let assets = try AssetList.entries(
      yaml: Place.text(Place.exercise.appending(path: "assets.yaml")), file: "assets.yaml")
    var detector = try Detector.shipped(assets: AssetList(assets))
    detector.exercise = true
    var loop = try SensorLoop(
      source: .log(try LogFollower(path: Place.exercise.appending(path: "eve.jsonl").path)), detector: detector,
      store: nil, name: "eve.jsonl")
    var drafts: [Draft] = []
    while try await loop.step(
      now: 0,
      publish: { batch in
        drafts += batch
        return batch.map { _ in .accepted }
      }, log: { _ in }) == .lines
    {}
    return (drafts, loop.summary)
  }

  @Test
  func `has a log whose every line parses, with detections of every stage`() async throws {
    let (drafts, summary) = try await Self.drafts()
    #expect(summary.broken == 0)
    #expect(summary.lines == summary.detections + summary.other.values.reduce(0, +))
    #expect(Set(drafts.compactMap(\.id)).count == drafts.count)
    let contract = try Contract(.detection)
    for draft in drafts { #expect(try contract.fault(draft) == nil) }
    let detections = drafts.compactMap { $0.data as? Detection }
    let techniques = Set(detections.flatMap(\.techniques).map(\.id))
    #expect(
      techniques.isSuperset(of: [
        "T1566.001", "T1105", "T1071.001", "T1041", "T1021.001", "T1021.002", "T1569.002", "T1570", "T1572", "T0846",
        "T0855", "T0836", "T0806", "T0816", "T0804", "T0814", "T0857", "T1485", "T1595.002",
      ]))
    let software = Set(detections.flatMap(\.software).compactMap(\.id))
    #expect(software.isSuperset(of: ["S0604", "S0607", "S0089"]))
    #expect(
      Set(detections.compactMap(\.asset?.operatorName)) == [
        "EXERCISE Grid A", "EXERCISE Utility C", "EXERCISE Water B",
      ])
    #expect(detections.allSatisfy { $0.asset != nil })
  }

  @Test
  func `has reports of outages that are all good, and a revision of three of them`() async throws {
    let folder = Place.exercise.appending(path: "outages").path
    var loop = OutageLoop(
      folder: DropFolder(path: folder, isPatient: false), book: ReportBook(), settings: OutageSettings(folder: folder),
      bookPath: nil, source: "//jp.exercise/outage-1")
    var drafts: [Draft] = []
    var notes: [SensorNote] = []
    try await loop.step(
      publish: { batch in
        drafts += batch
        return batch.map { _ in .accepted }
      }, log: { notes.append($0) })
    #expect(notes.isEmpty)
    #expect(loop.summary.reports == 8)
    #expect(loop.summary.accepted == 8)
    #expect(loop.summary.revisions == 3)
    let contract = try Contract(.effect)
    for draft in drafts { #expect(try contract.fault(draft) == nil) }
    #expect(drafts.allSatisfy { (($0.data as? Effect)?.operatorName ?? "").hasPrefix("EXERCISE") })
  }

  @Test
  func `is made by a script that writes the same packets every time`() throws {
    let scratch = TemporaryFolder()
    let script = Place.exercise.appending(path: "make-pcap").path
    for name in ["a", "b"] {
      #expect(system("python3 -B '\(script)' '\(scratch.file(name))' > /dev/null") == 0)
    }
    let first = try Data(contentsOf: URL(filePath: scratch.file("a")))
    #expect(first.count > 100_000)
    #expect(try first == Data(contentsOf: URL(filePath: scratch.file("b"))))
  }
}

@Suite("Logs of others") struct SharedLogTests {
  @Test(arguments: ["eve-ics.jsonl", "eve-otrf.jsonl", "eve-suricata-verify.jsonl"])
  func `are read to the last line, and what is no detection is counted by kind`(name: String) async throws {
    let file = Checkout.sharedData.appending(path: name).path
    guard FileManager.default.fileExists(atPath: file) else {
      print("SKIPPED: ../shared/data/\(name) is not there, so its lines were not counted")
      return
    }
    var loop = try SensorLoop(
      source: .log(try LogFollower(path: file)), detector: try Detector.shipped(), store: nil, name: name)
    let contract = try Contract(.detection)
    var faults: [String] = []
    while try await loop.step(
      now: 0,
      publish: { batch in
        for draft in batch { if let fault = try contract.fault(draft) { faults.append(fault) } }
        return batch.map { _ in .accepted }
      }, log: { _ in }) == .lines
    {}
    #expect(loop.summary.broken == 0)
    #expect(faults.isEmpty, "\(faults.prefix(3))")
    var counted = loop.summary.other
    for (kind, count) in loop.summary.detectionsByKind { counted[kind, default: 0] += count }
    #expect(counted == (try independentCount(file)))
    print("\(name): \(loop.summary.logLine)")
  }

  /// By Python's own JSON reader.
  private func independentCount(_ file: String) throws -> [String: Int] {
    let scratch = TemporaryFolder()
    let script =
      "import json,sys,collections;"
      + "print(json.dumps(collections.Counter(json.loads(l)['event_type'] for l in open(sys.argv[1],'rb'))))"
    #expect(system("python3 -c \"\(script)\" '\(file)' > '\(scratch.file("counts"))'") == 0)
    return try JSONDecoder().decode([String: Int].self, from: Data(contentsOf: URL(filePath: scratch.file("counts"))))
  }
}
