import SeededRandom
import Testing

@testable import CasusWire

/// One loop over all messages: none can be left out, since the samples come from the table of them.
@Suite struct Messages {
  @Test(arguments: directions)
  func `there is a sample of each message`(direction: any Frames.Type) {
    func check<F: Frames>(_ type: F.Type) {
      var random = SeededGenerator(seed: 1)
      #expect(F.samples(using: &random).map(\.op) == F.ops)
      #expect(Set(F.ops).count == F.ops.count)
    }
    check(direction)
  }

  @Test(arguments: directions)
  func `a thousand samples of each read back as they were written`(direction: any Frames.Type) {
    func check<F: Frames>(_ type: F.Type) throws {
      var random = SeededGenerator(seed: 2)
      for _ in 0..<1_000 {
        for sample in F.samples(using: &random) {
          let frame = sample.encoded()
          guard let again = try? F.read(frame), again == sample else {
            Issue.record("does not read back: \(text(frame))")
            return
          }
        }
      }
    }
    #expect(throws: Never.self) { try check(direction) }
  }

  @Test(arguments: directions)
  func `a frame that is cut anywhere is refused`(direction: any Frames.Type) {
    func check<F: Frames>(_ type: F.Type) {
      var random = SeededGenerator(seed: 3)
      for _ in 0..<4 {
        for frame in F.samples(using: &random).map({ $0.encoded() }) {
          for length in frame.indices {
            do throws(WireError) {
              _ = try F.read(Array(frame[..<length]))
              Issue.record("taken for whole: \(text(frame[..<length]))")
            } catch {
              if error.code != .malformedControl { Issue.record("\(error) of \(text(frame[..<length]))") }
            }
          }
        }
      }
    }
    check(direction)
  }

  /// Refused with its place, or a value that says the same when it is written again.
  @Test(arguments: directions)
  func `a frame with any bit turned over is refused or means something`(direction: any Frames.Type) {
    func check<F: Frames>(_ type: F.Type) {
      var random = SeededGenerator(seed: 4)
      for frame in F.samples(using: &random).map({ $0.encoded() }) {
        for place in 0..<frame.count * 8 {
          var turned = frame
          turned[place / 8] ^= 1 << (place % 8)
          if let fault = Self.fault(of: turned, F.self) { Issue.record("\(fault): \(text(turned))") }
        }
      }
    }
    check(direction)
  }

  /// What is wrong with how a frame was taken; nil when nothing is.
  private static func fault<F: Frames>(of frame: [UInt8], _ type: F.Type) -> String? {
    do throws(WireError) {
      let written = try F.read(frame).encoded()
      guard let again = try? F.read(written) else { return "refused once it is written again" }
      return again.encoded() == written ? nil : "changes each time it is written"
    } catch {
      guard error.code == .malformedControl || error.code == .unknownCommand else { return "refused as \(error.code)" }
      return error.pointer != nil ? nil : "refused without a place"
    }
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
  func `a command that cannot be read is named as far as it can`(frame: String, command: String?, number: Int?) {
    #expect(throws: WireError.self) { try ClientCommand.read(Array(frame.utf8)) }
    let label = Array(frame.utf8).withUnsafeBytes { WireDecoder().label($0) }
    #expect(label?.op == command)
    #expect(label?.number == number)
  }

  /// What is read of a frame that cannot be used has to be what is told of one that can.
  @Test func `a command is named alike whether it could be read or not`() {
    var random = SeededGenerator(seed: 5)
    for command in ClientCommand.samples(using: &random) {
      let label = command.encoded().withUnsafeBytes { WireDecoder().label($0) }
      #expect(label?.op == command.label.op)
      #expect(label?.number == command.label.number)
    }
  }

  /// A client of this version and a broker of a later one.
  @Test func `a code that is not known says whether to try again`() throws {
    for retriable in [true, false] {
      let flag = retriable ? #""retriable":true,"# : ""
      let frame = #"{"op":"error","code":599,"name":"of-tomorrow",\#(flag)"message":"why"}"#
      guard case .error(let reply) = try BrokerReply.read(Array(frame.utf8)) else { throw WireError(.internal) }
      #expect(reply.error.isRetriable == retriable)
      #expect(reply.error.message.contains("599"))
    }
  }
}
