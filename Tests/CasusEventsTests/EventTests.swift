import CasusEvents
import Testing

@Suite struct EventTests {
  let stamp = Stamp(sequence: 7, recorded: Samples.later, sender: "jp.nisc/suricata-1", flags: [])

  func draft(_ payload: some Payload) -> Draft {
    Draft(
      payload, id: "d-1", subject: "EXERCISE-substation", time: Samples.time, tlp: .amberStrict, exercise: true,
      correlationid: "i-1", causationid: "c-1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
  }

  /// One event has no room for a thousand and more: nothing of it may go untold.
  @Test(arguments: [(0, 1, 1), (1_000, 100, 1), (1_001, 1, 2), (2_500, 230, 3), (3, 301, 4)])
  func `a loss is told in as many events as it takes`(lost: Int, found: Int, count: Int) throws {
    let stretches = (0..<UInt64(lost)).map { $0 * 10 + 1...$0 * 10 + 5 }
    let sentences = (0..<found).map { "EXERCISE \($0)" }
    let all = BusLoss.all(journal: "5f", lost: stretches, found: sentences, by: "EXERCISE", reason: "EXERCISE")
    #expect(all.count == count)
    #expect(all.flatMap(\.lost).compactMap(\.range) == stretches)
    #expect(all.flatMap(\.found).filter { $0.hasPrefix("EXERCISE") } == sentences)
    // As the schema asks.
    for loss in all {
      #expect(loss.lost.count <= 1_000 && (1...100).contains(loss.found.count) && loss.by == "EXERCISE")
    }
  }

  @Test func `a sentence of a loss that is too long says that it goes on`() {
    let long = String(repeating: "x", count: 5_000)
    let found = BusLoss(journal: "5f", lost: [], found: [long, "y"], by: "EXERCISE").found
    #expect(found[0].count == 4_000 && found[0].hasSuffix("x…") && found[1] == "y")
  }

  @Test(arguments: Samples.all.indices)
  func `every payload comes back as it was written`(index: Int) throws {
    func check<P: Payload>(_ payload: P) throws {
      let bytes = try draft(payload).encoded(source: "//jp.nisc/suricata-1")
      let event = try RecordedEvent(stamp: stamp, bytes: bytes)
      let read = try event.data(as: P.self)
      #expect(try canonicalJSON(read) == canonicalJSON(payload))
      #expect(event.envelope.type == P.type)
      #expect(event.envelope.dataschema == "urn:casus:schema:\(P.type)")
      #expect(event.envelope.time == Samples.time)
      #expect(event.envelope.tlp == .amberStrict)
      #expect(event.envelope.exercise)
      #expect(event.envelope.correlationid == "i-1")
    }
    let payload = Samples.all[index]
    try check(payload)
  }

  @Test
  func `equal drafts give equal bytes, sorted and without escaped slashes`() throws {
    let first = try draft(Samples.refused).encoded(source: "//casus/demo")
    let second = try draft(Samples.refused).encoded(source: "//casus/demo")
    #expect(first == second)
    let text = String(decoding: first, as: UTF8.self)
    #expect(text.hasPrefix(#"{"causationid":"c-1","correlationid":"i-1","data":{"agency":"jp.nisc","code":303,"#))
    #expect(text.contains(#""source":"//casus/demo""#))
  }

  @Test
  func `a reference holds in every journal, a recorded reference names the place in this one`() throws {
    let bytes = try draft(Samples.left).encoded(source: "//casus/demo")
    let event = try RecordedEvent(stamp: stamp, bytes: bytes)
    #expect(event.reference == EventReference(source: "//casus/demo", id: "d-1", sha256: sha256Hex(bytes)))
    #expect(event.recordedReference.sequence == "7")
  }

  @Test
  func `a draft without an id cannot be written`() throws {
    #expect(throws: EventError(.id, "a draft of casus.bus.left.v1 without an id")) {
      try Draft(Samples.left).encoded(source: "//casus/demo")
    }
  }

  @Test
  func `NaN cannot be written`() {
    let error = #expect(throws: EventError.self) { try canonicalJSON(Estimate(value: .nan)) }
    #expect(error?.code == .encoding)
  }

  @Test
  func `data of another type is refused`() throws {
    let event = try RecordedEvent(stamp: stamp, bytes: draft(Samples.left).encoded(source: "//casus/demo"))
    let error = #expect(throws: EventError.self) { try event.data(as: BusJoined.self) }
    #expect(error?.code == .type)
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"specversion":"1.0"}"#, #"{"specversion":"0.3","id":"1","source":"a","type":"b","tlp":"RED"}"#,
    #"{"specversion":"1.0","id":"1","source":"a","type":"b","tlp":"PINK"}"#,
    #"{"specversion":"1.0","id":"1","source":"a","type":"b","tlp":"RED","time":"yesterday"}"#,
  ])
  func `bytes that are no event are refused`(text: String) {
    let error = #expect(throws: EventError.self) { try RecordedEvent(stamp: stamp, bytes: Array(text.utf8)) }
    #expect(error?.code == .envelope)
  }

  @Test
  func `an event without exercise is none, and its data need not be known to read the envelope`() throws {
    let text = #"{"specversion":"1.0","id":"1","source":"//a/b","type":"x.v1","tlp":"RED","data":{"new":1}}"#
    let event = try RecordedEvent(stamp: stamp, bytes: Array(text.utf8))
    #expect(!event.envelope.exercise)
    #expect(event.envelope.time == nil)
  }

  @Test
  func `traffic lights are ordered from the freest to the strictest`() {
    #expect(TLP.allCases.sorted() == [.clear, .green, .amber, .amberStrict, .red])
    #expect(TLP.strictest([.amber, .red, .clear]) == .red)
    #expect(TLP.strictest([TLP]()) == .clear)
  }

  @Test
  func `levels are ordered`() {
    #expect(Location.businessDMZ < .safetySystems)
    #expect(Phase.prepare < .effect)
    #expect(ResponsibilityGrade.stateProhibited < .stateIntegrated)
  }

  /// Spellings of one event; the quick way and the exact one must read the same.
  static let spellings = [
    #"{"specversion":"1.0","id":"é","source":"//a/b","type":"x.v1","tlp":"RED","exercise":true,"data":{"a":["}",{}]}}"#,
    #" { "data" : { "s" : "\"}," , "n" : -1.5E+3 } , "tlp":"RED", "exercise" : true , "id":"é","type":"x.v1", "source":"//a/b" , "specversion":"1.0"}  "#,
    #"{"\u0073pecversion":"1.0","id":"\u00e9","source":"\/\/a/b","type":"x.v1","tlp":"RED","exercise":true,"other":null}"#,
    #"{"specversion":"1.0","id":"é","source":"//a/b","type":"x.v1","tlp":"RED","time":null,"exercise":true,"x":[1,[2]]}"#,
  ]

  @Test(arguments: spellings)
  func `an event reads the same however it is spelled`(text: String) throws {
    let event = try RecordedEvent(stamp: stamp, bytes: Array(text.utf8))
    #expect(
      event.envelope == Envelope(id: "é", source: "//a/b", type: EventType("x.v1"), tlp: .red, exercise: true))
  }

  @Test
  func `an event cut anywhere is none`() throws {
    let bytes = try draft(Samples.detection).encoded(source: "//jp.nisc/suricata-1")
    for count in 0..<bytes.count {
      #expect(throws: EventError.self) { try RecordedEvent(stamp: stamp, bytes: Array(bytes.prefix(count))) }
    }
  }

  @Test
  func `bytes changed at random are read or refused, and never trap`() throws {
    let bytes = try draft(Samples.detection).encoded(source: "//jp.nisc/suricata-1")
    var state: UInt64 = 88_172_645_463_325_252
    func random(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    for _ in 0..<500 {
      var changed = bytes
      for _ in 0...random(3) { changed[random(changed.count)] = UInt8(random(256)) }
      _ = try? RecordedEvent(stamp: stamp, bytes: changed)
    }
  }
}
