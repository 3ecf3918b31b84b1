import CasusEvents
import Foundation
import IJSON
import SeededRandom
import TestSupport
import Testing

@testable import CasusWire

/// The files of `Tests/Vectors`: the protocol's frames in hexadecimal and what they mean, for clients in any language.
/// Made from the types here; one vector a line.
struct VectorFile: CustomTestStringConvertible {
  let name: String
  private let about: String
  private let member: StaticString
  private let vectors: [[UInt8]]

  var testDescription: String { name }
  var path: String { Checkout.path("Tests/Vectors/\(name)") }

  var text: String {
    let lines = vectors.map { "  " + String(decoding: $0, as: UTF8.self) }.joined(separator: ",\n")
    var head = JSONWriter()
    head.string(about)
    return "{\"format\":1,\n\"about\":\(String(decoding: head.bytes, as: UTF8.self)),\n\"\(member)\":[\n\(lines)\n]}\n"
  }

  static let all = [
    controls(
      ClientCommand.self, "commands.json",
      "Control frames that a broker takes. `means` is the object in the protocol's own order and spelling."),
    controls(
      BrokerReply.self, "replies.json",
      "Control frames that a client takes. `means` is the object in the protocol's own order and spelling."),
    malformed(
      ClientCommand.self, "malformed-commands.json",
      "Control frames that a broker refuses, with the error's code and pointer."
    ),
    malformed(
      BrokerReply.self, "malformed-replies.json",
      "Control frames that a client refuses; code and pointer as for a broker, for those who tell them apart."),
    batches, limits,
  ]

  private static func vector(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(members)
    return writer.bytes
  }

  private static func controls<F: Frames>(_ type: F.Type, _ name: String, _ about: String) -> VectorFile {
    var random = SeededGenerator(seed: 11)
    let samples = (0..<3).flatMap { _ in F.samples(using: &random) }.map { ($0, $0.encoded()) }
    let spelled = F.spellings.map { spelling in
      guard let read = try? F.read(Array(spelling.utf8)) else { preconditionFailure("not a frame: \(spelling)") }
      return (read, Array(spelling.utf8))
    }
    return VectorFile(
      name: name, about: about, member: "frames",
      vectors: (samples + spelled).map { frame, bytes in
        vector {
          $0.string("op", frame.op)
          $0.string("hex", hex(bytes))
          $0.raw("means", frame.encoded())
        }
      })
  }

  private static func malformed<F: Frames>(_ type: F.Type, _ name: String, _ about: String) -> VectorFile {
    VectorFile(
      name: name, about: about, member: "frames",
      vectors: F.malformed.map { malformed in
        vector {
          $0.string("because", malformed.sentence)
          $0.string("hex", hex(malformed.frame))
          $0.int("code", malformed.code.rawValue)
          $0.string("name", malformed.code.name)
          $0.string("pointer", malformed.pointer)
        }
      })
  }

  private static var batches: VectorFile {
    VectorFile(
      name: "batches.json",
      about:
        "Batch frames of publish and deliver with the count of their control frame, and what they hold; `because` says why one that is malformed-batch is.",
      member: "batches",
      vectors: SampleBatch.all.map { batch in
        vector { writer in
          writer.string("op", batch.op)
          if let fault = batch.fault { writer.string("because", fault) }
          writer.int("count", batch.count)
          writer.string("hex", hex(batch.frame))
          if batch.fault == nil { batch.writeMeaning(into: &writer) }
        }
      })
  }

  private static var limits: VectorFile {
    VectorFile(
      name: "limits.json",
      about:
        "The table of limits: `told` in welcome, `setting` in the broker's configuration and in a topology; `at_least` names the limit, and what more, that it must reach.",
      member: "limits",
      vectors: Limit.all.map { limit in
        vector { writer in
          writer.string("name", limit.name)
          writer.string("unit", limit.unit.rawValue)
          writer.int("standard", limit.standard)
          writer.int("least", limit.range.lowerBound)
          writer.int("most", limit.range.upperBound)
          writer.bool("told", limit.isTold)
          writer.bool("setting", limit.isSetting)
          for relation in LimitRelation.all where relation.greater.name == limit.name {
            writer.object("at_least") {
              $0.string("limit", relation.least.name)
              $0.int("margin", relation.margin)
            }
          }
        }
      })
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

extension Frames {
  /// Frames in order that no writer of this project would write.
  static var spellings: [String] {
    self == ClientCommand.self
      ? [
        "\r\n\t { \"count\" : 1 , \"batch\" : 2, \"op\" : \"publish\" } \n",
        #"{"op":"publish","batch":1e1,"count":2.0,"replay":false}"#,
        #"{"op":"publish","batch":-0,"count":20e-1}"#,
        #"{"\u006fp":"\u0062\u0079e","reason":"\ud83d\ude00\/\b"}"#,
        #"{"op":"ping","later":{"a":[1,{"b":null}]},"state":"ok"}"#, #"{"op":"ping"}"#, #"{"op":"bye"}"#,
        #"{"op":"request","id":1,"what":"status"}"#,
        #"{"op":"subscribe","sub":1,"types":[">"],"credit":{"events":0,"bytes":0}}"#,
        #"{"op":"subscribe","sub":1,"types":[">"],"from":"time","time":"2026-01-01t09:00:00.50+09:00","credit":{"events":0,"bytes":0}}"#,
        #"{"op":"subscribe","sub":1,"types":[">"],"name":"n","credit":{"events":0,"bytes":0},"overload":{"policy":"disconnect"}}"#,
        #"{"op":"hello","protocol":[0,9],"identity":"jp.nisc/x","manifest":{"program":"x","version":"1"}}"#,
      ]
      : [
        #"{"op":"subscribed","sub":1e0,"next":"2","last":"1","later":true}"#,
        #"{"op":"published","batch":1,"durability":"os","accepted":0,"first":"7"}"#,
        #"{"op":"error","code":500,"message":"","retriable":true,"fatal":false}"#,
        #"{"op":"reply","id":1,"result":null}"#, #"{"op":"reply","id":1,"result":[1,-1,0.5,1e2,"é",{}]}"#,
      ]
  }
}
