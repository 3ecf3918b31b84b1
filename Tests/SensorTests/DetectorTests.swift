import CasusEvents
import CasusSensor
import Testing

@testable import SuricataSensor

@Suite("Detections from EVE records") struct DetectorTests {
  private let detector: Detector

  init() throws {
    let assets = try AssetList.entries(
      yaml: """
        - {addresses: 10.30.0.0/16, id: EXERCISE-rtu, operator: EXERCISE Grid, nation: JP, sector: "jp:electric-power", location: L6}
        - {addresses: 10.10.0.0/16, id: EXERCISE-office, operator: EXERCISE Grid}
        """, file: "assets")
    detector = try .shipped(assets: AssetList(assets))
  }

  private func dnp3(_ function: Int, type: String = "request") -> String {
    """
    {"timestamp":"2026-03-16T13:00:00.000012+0000","event_type":"dnp3","src_ip":"10.20.0.10","src_port":49190,\
    "dest_ip":"10.30.1.10","dest_port":20000,"proto":"TCP","community_id":"1:EXERCISE","dnp3":{"type":"\(type)",\
    "src":1,"dst":7,"application":{"function_code":\(function),"objects":[]}}}
    """
  }

  private func modbus(_ function: Int, rest: String = "") -> String {
    """
    {"timestamp":"2026-03-16T13:00:00.5+0900","event_type":"modbus","src_ip":"10.20.0.10","src_port":49190,\
    "dest_ip":"10.30.1.30","dest_port":502,"proto":"TCP","modbus":{"request":{"unit_id":1,"function_raw":\(function),\
    "function_code":"EXERCISE","access_type":"\([3, 4].contains(function) ? "READ" : "WRITE")"\(rest)}}}
    """
  }

  @Test(arguments: [3, 4, 5, 6])
  func `DNP3 select, operate and direct operate are candidates for unauthorized commands`(function: Int) throws {
    let detection = try #require(detector.examine(dnp3(function)).detection)
    #expect(detection.techniques.first?.id == "T0855")
    #expect(detection.techniques.allSatisfy { $0.domain == .ics && $0.probability < 0.7 })
    #expect(detection.asset?.id == "EXERCISE-rtu")
    #expect(detection.asset?.location == .criticalSystems)
    #expect(detection.finding.title.contains("outstation 7"))
    #expect(detection.flow?.application == "dnp3")
    #expect(detection.firstSeen == Timestamp(rfc3339: "2026-03-16T13:00:00.000012Z"))
  }

  @Test(arguments: [0, 1, 129, 130])
  func `DNP3 reads, confirmations and answers are none`(function: Int) {
    #expect(detector.examine(dnp3(function)).otherKind == "dnp3")
    #expect(detector.examine(dnp3(4, type: "response")).otherKind == "dnp3")
  }

  @Test(arguments: [5, 6, 15, 16, 22, 23])
  func `modbus writes are candidates for commands or changed parameters`(function: Int) throws {
    let techniques = try #require(detector.examine(modbus(function)).detection).techniques.map(\.id)
    #expect(techniques.contains("T0855"))
    #expect(techniques.contains("T0836") == ![5, 15].contains(function))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 43])
  func `modbus reads are none`(function: Int) {
    #expect(detector.examine(modbus(function)).otherKind == "modbus")
  }

  @Test
  func `modbus diagnostics count when they silence or restart a device, and no other`() throws {
    #expect(detector.examine(modbus(8, rest: #","diagnostic":{"raw":4}"#)).detection?.techniques.first?.id == "T0814")
    #expect(detector.examine(modbus(8, rest: #","diagnostic":{"raw":1}"#)).detection?.techniques.first?.id == "T0816")
    #expect(detector.examine(modbus(8, rest: #","diagnostic":{"raw":0}"#)).detection == nil)
  }

  @Test
  func `an alert's own metadata names techniques and software; its flow says who called`() throws {
    let line = """
      {"timestamp":"2026-03-16T13:00:00.0+0000","event_type":"alert","src_ip":"203.0.113.66","src_port":80,\
      "dest_ip":"10.10.20.31","dest_port":50000,"proto":"TCP","app_proto":"http","direction":"to_client",\
      "alert":{"gid":1,"signature_id":1000102,"rev":2,"signature":"EXERCISE fetch","severity":1,\
      "metadata":{"mitre_technique_id":["T1105","T1566_001","nonsense"],"mitre_software_id":["S0604","S9"]}},\
      "http":{"hostname":"exercise-c2.example","url":"/EXERCISE.exe","http_user_agent":"EXERCISE"},\
      "flow":{"src_ip":"10.10.20.31","src_port":50000,"dest_ip":"203.0.113.66","dest_port":80}}
      """
    let detection = try #require(detector.examine(line).detection)
    #expect(detection.techniques.map(\.id) == ["T1105", "T1566.001"])
    #expect(detection.software.map(\.name) == ["Industroyer"])
    #expect(detection.severityID == 4)
    #expect(detection.finding.analytic.uid == "suricata:1:1000102")
    #expect(detection.flow?.source?.ip == "10.10.20.31")
    #expect(detection.asset?.id == "EXERCISE-office")
    #expect(detection.observables.contains(Observable(kind: .url, value: "http://exercise-c2.example/EXERCISE.exe")))
  }

  @Test
  func `the engine's own remarks are counted as alerts that are no detections`() {
    let line =
      #"{"timestamp":"2026-03-16T13:00:00+0000","event_type":"alert","alert":{"signature":"SURICATA STREAM x"}}"#
    #expect(detector.examine(line).otherKind == "alert")
  }

  @Test
  func `an answer that is logged with the server as its source still hits the server`() throws {
    let line = """
      {"timestamp":"2026-03-16T13:00:00+0000","event_type":"rdp","src_ip":"10.30.1.1","src_port":3389,\
      "dest_ip":"10.10.20.31","dest_port":50000,"rdp":{"event_type":"initial_request","cookie":"EXERCISE"}}
      """
    let detection = try #require(detector.examine(line).detection)
    #expect(detection.flow?.destination?.ip == "10.30.1.1")
    #expect(detection.asset?.id == "EXERCISE-rtu")
  }

  @Test
  func `the same line gives the same event; another mapping, marking or asset gives another`() throws {
    func event(_ detector: Detector) throws -> [UInt8] {
      try #require(detector.examine(dnp3(4)).draft).encoded(source: "//jp.exercise/s")
    }
    func id(_ detector: Detector) throws -> String? { try #require(detector.examine(dnp3(4)).draft).id }
    #expect(try event(detector) == event(detector))
    var other = detector
    other.exercise = true
    #expect(try id(other) != id(detector))
    other = detector
    other.assets = AssetList()
    #expect(try id(other) != id(detector))
    other = detector
    other.mapping.digest = "another"
    #expect(try id(other) != id(detector))
    let line = try #require(detector.examine(dnp3(4)).detection)
    let again = try #require(other.examine(dnp3(4)).detection)
    #expect(line.finding.uid == again.finding.uid)
  }

  @Test(arguments: [
    (#"{"event_type":"flow""#, "ends too early"), ("[]", "not a JSON object"),
    (#"{"timestamp":"x"}"#, "no event_type"),
    (#"{"event_type":"alert","alert":{"signature":"EXERCISE"}}"#, "no timestamp"),
    (#"{"timestamp":"yesterday","event_type":"alert","alert":{"signature":"EXERCISE"}}"#, "no timestamp"),
    ("", "ends too early"),
  ])
  func `a broken line says what is wrong`(line: String, reason: String) {
    #expect(detector.examine(line).brokenReason?.contains(reason) == true)
  }

  @Test
  func `long and hostile texts still make an event that keeps its schema`() throws {
    let long = String(repeating: "長い\\n\\u0000", count: 3000)
    let line = """
      {"timestamp":"2026-03-16T13:00:00.0+0000","event_type":"alert","src_ip":"10.20.0.10","src_port":99999,\
      "dest_ip":"not an address","proto":"\(long)","community_id":"\(long)","app_proto":"\(long)",\
      "alert":{"gid":1,"signature_id":1,"signature":"\(long)","severity":1,"metadata":{"mitre_technique_id":["T1105"]}},\
      "http":{"hostname":"\(long)","url":"\(long)","http_user_agent":"\(long)"},"email":{"attachment":["\(long)"]}}
      """
    let draft = try #require(detector.examine(line).draft)
    #expect(try Contract(.detection).fault(draft) == nil)
    let detection = try #require(draft.data as? Detection)
    #expect(detection.raw?.truncated == true)
    #expect(detection.raw?.sha256 == sha256Hex(Array(line.utf8)))
  }
}
