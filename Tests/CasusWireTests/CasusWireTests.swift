import CasusEvents
import CasusWire
import Testing

private func read(_ command: ClientCommand) throws -> ClientCommand {
  try command.encoded().withUnsafeBytes { try WireDecoder().clientCommand($0) }
}

private func refusal(of text: String) -> WireError? {
  Array(text.utf8).withUnsafeBytes { frame in
    do throws(WireError) {
      _ = try WireDecoder().clientCommand(frame)
      return nil
    } catch {
      return error
    }
  }
}

@Suite struct ControlFrames {
  @Test func everyCommandReadsBackAsItWasWritten() throws {
    let subscribe = Subscribe(
      subscription: 3, types: ["casus.*.v1", ">"], senders: ["jp.nisc/*"], name: "a \"name\"\n",
      start: .sequence(.max), creditEvents: 5, creditBytes: 6, ackWait: 100, maxAttempts: 2, progress: true)
    guard case .subscribe(let again) = try read(.subscribe(subscribe)) else { throw WireError(.internal) }
    #expect(again == subscribe)

    let hello = Hello(identity: "jp.nisc/x", program: "x", version: "1", summary: "é", publishes: ["a.b"])
    guard case .hello(let hello2) = try read(.hello(hello)) else { throw WireError(.internal) }
    #expect(hello2 == hello)

    let nack = Nack(subscription: 1, sequences: [1, 1 << 60], delay: 5, reason: "why")
    guard case .nack(let nack2) = try read(.nack(nack)) else { throw WireError(.internal) }
    #expect(nack2 == nack)
  }

  @Test func aRefusalTravelsWithItsPlace() throws {
    var published = Published(batch: 9, accepted: 1, first: 1 << 55)
    published.duplicates = [.init(index: 1, sequence: 4)]
    published.refused = [
      .init(
        index: 2, id: nil,
        error: WireError(.schema, "too big", pointer: "/data/a~1b", schema: "urn:x", schemaPointer: "/properties"))
    ]
    let reply = try BrokerReply.published(published).encoded().withUnsafeBytes { try WireDecoder().brokerReply($0) }
    guard case .published(let again) = reply else { throw WireError(.internal) }
    #expect(again == published)
  }

  @Test(
    arguments: [
      (#"{"op":"subscribe","sub":7}"#, "subscribe", 7), (#"{"op":"ack","sub":8,"through":5}"#, "ack", 8),
      (#"{"op":"nack","sub":8,"sequences":5}"#, "nack", 8), (#"{"op":"credit","sub":6}"#, "credit", 6),
      (#"{"op":"unsubscribe","sub":5,"forget":1}"#, "unsubscribe", 5), (#"{"op":"publish","batch":9}"#, "publish", 9),
      (#"{"op":"request","id":10}"#, "request", 10), (#"{"op":"ping","state":"fine"}"#, "ping", nil),
      (#"{"op":"subscribe","sub":"one"}"#, "subscribe", nil), (#"{"op":"subscribe","sub":-1}"#, "subscribe", nil),
      (#"{"op":"hello","sub":1}"#, "hello", nil), (#"{"op":"deliver","sub":1}"#, nil, nil), ("{}", nil, nil),
      ("[]", nil, nil), ("{", nil, nil),
    ] as [(String, String?, Int?)])
  func aCommandThatCannotBeReadIsNamedAsFarAsItCan(frame: String, command: String?, number: Int?) {
    #expect(refusal(of: frame) != nil)
    let label = Array(frame.utf8).withUnsafeBytes { WireDecoder().label($0) }
    #expect(label?.op == command)
    #expect(label?.number == number)
  }

  @Test func badFramesAreRefusedWithTheirPlace() {
    #expect(refusal(of: "") == nil ? false : true)
    #expect(refusal(of: "[]")?.code == .malformedControl)
    #expect(refusal(of: #"{"op":"deliver"}"#)?.code == .unknownCommand)
    #expect(refusal(of: #"{"op":"ack","sub":1,"sub":2}"#)?.code == .malformedControl)
    #expect(refusal(of: #"{"op":"ack","sub":-1}"#)?.pointer == "/sub")
    #expect(refusal(of: #"{"op":"ack","sub":1,"through":123}"#)?.pointer == "/through")
    #expect(refusal(of: #"{"op":"ack","sub":1,"through":"01"}"#)?.pointer == "/through")
    #expect(refusal(of: #"{"op":"ack","sub":1,"through":"18446744073709551616"}"#)?.pointer == "/through")
    let types = #"{"op":"subscribe","sub":1,"types":[3],"credit":{"events":1,"bytes":1}}"#
    #expect(refusal(of: types)?.pointer == "/types")
    #expect(refusal(of: #"{"op":"subscribe","sub":1,"types":[],"credit":{"events":1}}"#)?.pointer == "/credit/bytes")
  }
}

@Suite struct Batches {
  @Test func aBatchCutAnywhereIsNotWhole() {
    var frame: [UInt8] = []
    for event in ["", "{}", "abc"] { PublishBatchWriter.append(Array(event.utf8), to: &frame) }
    for length in 0..<frame.count {
      frame[..<length].withUnsafeBytes { #expect(!PublishBatchReader.holds(3, in: $0)) }
    }
    frame.withUnsafeBytes { bytes in
      #expect(PublishBatchReader.holds(3, in: bytes))
      #expect(!PublishBatchReader.holds(2, in: bytes))
      #expect(!PublishBatchReader.holds(4, in: bytes))
    }
  }

  @Test func aLengthBeyondTheFrameIsNoRecord() {
    let frame: [UInt8] = [0xff, 0xff, 0xff, 0xff, 1, 2, 3]
    frame.withUnsafeBytes { bytes in
      var reader = PublishBatchReader(bytes)
      #expect(reader.next() == nil)
    }
  }

  @Test func deliveredRecordsReadBack() {
    let event = Array("event".utf8)
    var frame = [UInt8](repeating: 0, count: 2 * (DeliverBatchWriter.header + event.count))
    frame.withUnsafeMutableBytes { bytes in
      var writer = DeliverBatchWriter(bytes)
      for sequence in [UInt64.max - 1, .max] {
        event.withUnsafeBytes {
          writer.append(
            sequence: sequence, recorded: Timestamp(nanoseconds: -5), sender: 7, flags: [.replayed, .exercise],
            event: $0)
        }
      }
    }
    frame.withUnsafeBytes { bytes in
      var reader = DeliverBatchReader(bytes)
      let first = reader.next()
      #expect(first?.sequence == UInt64.max - 1)
      #expect(first?.recorded.nanoseconds == -5)
      #expect(first?.sender == 7)
      #expect(first?.flags == [.replayed, .exercise])
      #expect(first.map { Array($0.event) } == event)
      #expect(reader.next()?.sequence == UInt64.max)
      #expect(reader.next() == nil)
    }
  }
}

@Suite struct TypePatterns {
  @Test(arguments: [
    ("casus.*.v1", "casus.damage.v1", true), ("casus.*.v1", "casus.bus.refused.v1", false),
    ("casus.bus.>", "casus.bus.refused.v1", true), ("casus.bus.>", "casus.bus", false), (">", "a", true),
    ("*", "a", true), ("*", "a.b", false), ("a.b", "a.b", true), ("a.b", "a.b.c", false), ("a.b.c", "a.b", false),
  ]) func aPatternMatchesWholeWords(pattern: String, type: String, expected: Bool) {
    #expect(TypePattern(pattern)?.matches(type) == expected)
  }

  @Test(arguments: [
    "", ".", "a.", ".a", "a..b", "a.>.b", "A.b", "a b", "é", "a.*b", String(repeating: "a", count: 201),
  ])
  func whatIsNoPatternIsRefused(text: String) {
    #expect(TypePattern(text) == nil)
  }

  @Test(arguments: [
    (">", "a.*.>", true), ("a.*", "a.b", true), ("a.*", "a.*", true), ("a.b", "a.*", false), ("a.*", "a.>", false),
    ("a.>", "a.>", true), ("a.>", ">", false), ("a.>", "a.b.c", true), ("a.b", "a.b.c", false),
  ]) func aPermissionCoversOnlyWhatItMatches(pattern: String, other: String, expected: Bool) throws {
    #expect(try #require(TypePattern(pattern)).covers(#require(TypePattern(other))) == expected)
  }
}

@Suite struct ErrorTableFile {
  @Test func everyCodeHasOneEntryAndEveryEntryACode() {
    #expect(ErrorTable.shared.entries.map(\.code).sorted() == WireErrorCode.allCases.map(\.rawValue).sorted())
    #expect(Set(ErrorTable.shared.entries.map(\.name)).count == ErrorTable.shared.entries.count)
    for code in WireErrorCode.allCases { #expect(!code.advice.isEmpty) }
  }
}
