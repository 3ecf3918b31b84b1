@testable import CasusWire

/// A control frame that its reader has to refuse, what is wrong with it, and the place that the refusal has to name.
struct MalformedFrame {
  let sentence: String
  let frame: [UInt8]
  let code: WireErrorCode
  let pointer: String

  init(_ sentence: String, _ frame: [UInt8], _ code: WireErrorCode = .malformedControl, at pointer: String) {
    self.sentence = sentence
    self.frame = frame
    self.code = code
    self.pointer = pointer
  }

  init(_ sentence: String, _ text: String, _ code: WireErrorCode = .malformedControl, at pointer: String) {
    self.init(sentence, Array(text.utf8), code, at: pointer)
  }

  /// Whatever the direction: these are not even an object with an op. Each takes a frame that is in order and spoils it.
  private static func ofEither(_ op: String) -> [MalformedFrame] {
    [
      MalformedFrame("the frame is empty", "", at: ""),
      MalformedFrame("the object does not end", #"{"op":"\#(op)""#, at: "/op"),
      MalformedFrame("something follows the object", #"{"op":"\#(op)"}{}"#, at: ""),
      MalformedFrame("a byte order mark comes first", "\u{feff}{\"op\":\"\(op)\"}", at: ""),
      MalformedFrame(
        "the text is not UTF-8", Array(#"{"op":"\#(op)","reason":""#.utf8) + [0xff] + Array("\"}".utf8), at: "/reason"),
      MalformedFrame("the frame is an array", #"["\#(op)"]"#, at: ""),
      MalformedFrame("the frame is a string", "\"\(op)\"", at: ""),
      MalformedFrame("the op is missing", "{}", at: "/op"),
      MalformedFrame("the op is a number", #"{"op":7}"#, at: "/op"),
      MalformedFrame("the op is null", #"{"op":null}"#, at: "/op"),
      MalformedFrame("the op is nobody's", #"{"op":"abolish"}"#, .unknownCommand, at: "/op"),
      MalformedFrame("the op is written in capitals", "{\"op\":\"\(op.uppercased())\"}", .unknownCommand, at: "/op"),
      MalformedFrame(
        "arrays stand in each other seventeen deep",
        #"{"op":"\#(op)","x":"# + String(repeating: "[", count: 17) + String(repeating: "]", count: 17) + "}",
        at: "/x" + String(repeating: "/0", count: 15)),
    ]
  }

  /// What a broker has to refuse.
  static let commands: [MalformedFrame] =
    ofEither("ping") + [
      MalformedFrame("a member stands twice", #"{"op":"ack","sub":1,"sub":2}"#, at: "/sub"),
      MalformedFrame(
        "a member stands twice, once in escapes", #"{"op":"bye","reason":"","\u0072eason":""}"#, at: "/reason"),
      MalformedFrame(
        "the op is a broker's", #"{"op":"deliver","sub":1,"count":0,"senders":[],"through":"1"}"#, .unknownCommand,
        at: "/op"),
      MalformedFrame("the subscription's number is missing", #"{"op":"ack"}"#, at: "/sub"),
      MalformedFrame("the subscription's number is a string", #"{"op":"ack","sub":"1"}"#, at: "/sub"),
      MalformedFrame("the subscription's number is below zero", #"{"op":"ack","sub":-1}"#, at: "/sub"),
      MalformedFrame("the subscription's number is above 2147483647", #"{"op":"ack","sub":2147483648}"#, at: "/sub"),
      MalformedFrame("the subscription's number has a fraction", #"{"op":"ack","sub":1.5}"#, at: "/sub"),
      MalformedFrame("the subscription's number is null", #"{"op":"ack","sub":null}"#, at: "/sub"),
      MalformedFrame("a sequence is a number", #"{"op":"ack","sub":1,"through":123}"#, at: "/through"),
      MalformedFrame("a sequence begins with a zero", #"{"op":"ack","sub":1,"through":"01"}"#, at: "/through"),
      MalformedFrame("a sequence has a sign", #"{"op":"ack","sub":1,"through":"+1"}"#, at: "/through"),
      MalformedFrame("a sequence is empty", #"{"op":"ack","sub":1,"through":""}"#, at: "/through"),
      MalformedFrame(
        "a sequence is 2 to the 64", #"{"op":"ack","sub":1,"through":"18446744073709551616"}"#, at: "/through"),
      MalformedFrame("sequences are no list", #"{"op":"ack","sub":1,"also":"5"}"#, at: "/also"),
      MalformedFrame("one of the sequences is a number", #"{"op":"ack","sub":1,"also":["5",6]}"#, at: "/also/1"),
      MalformedFrame(
        "a nack waits longer than a day", #"{"op":"nack","sub":1,"sequences":["5"],"delay_ms":86400001}"#,
        at: "/delay_ms"),
      MalformedFrame(
        "a nack's reason is no text", #"{"op":"nack","sub":1,"sequences":["5"],"reason":{}}"#, at: "/reason"),
      MalformedFrame("credit has no bytes", #"{"op":"credit","sub":1,"events":1}"#, at: "/bytes"),
      MalformedFrame("a publish has no count", #"{"op":"publish","batch":9}"#, at: "/count"),
      MalformedFrame(
        "a publish says replay by a number", #"{"op":"publish","batch":9,"count":1,"replay":1}"#, at: "/replay"),
      MalformedFrame(
        "hello has no manifest", #"{"op":"hello","protocol":[1,1],"identity":"jp.nisc/x"}"#, at: "/manifest"),
      MalformedFrame(
        "hello's manifest is a list", #"{"op":"hello","protocol":[1,1],"identity":"jp.nisc/x","manifest":[]}"#,
        at: "/manifest"),
      MalformedFrame("hello names one version only", hello(#"[1]"#), at: "/protocol"),
      MalformedFrame("hello's lowest version is above its highest", hello(#"[2,1]"#), at: "/protocol"),
      MalformedFrame("one of hello's versions is a string", hello(#"[1,"1"]"#), at: "/protocol/1"),
      MalformedFrame(
        "hello's manifest has no program",
        #"{"op":"hello","protocol":[1,1],"identity":"jp.nisc/x","manifest":{"version":"1"}}"#, at: "/manifest/program"),
      MalformedFrame(
        "a type of hello's manifest is a number", hello(more: #","publishes":["a.v1",3]"#), at: "/manifest/publishes/1"),
      MalformedFrame(
        "a schema of hello is an object, not a string",
        hello(more: #","schemas":[{"type":"jp.nisc.x.v1","schema":{}}]"#), at: "/manifest/schemas/0/schema"),
      MalformedFrame(
        "a schema of hello is not an object with a type", hello(more: #","schemas":[7]"#), at: "/manifest/schemas/0"),
      MalformedFrame("a type is a number", subscribe(types: "[3]"), at: "/types/0"),
      MalformedFrame("types are a string", subscribe(types: #""casus.>""#), at: "/types"),
      MalformedFrame("there is no credit", #"{"op":"subscribe","sub":1,"types":[">"]}"#, at: "/credit"),
      MalformedFrame("credit is a number", #"{"op":"subscribe","sub":1,"types":[">"],"credit":100}"#, at: "/credit"),
      MalformedFrame(
        "a subscription's credit has no bytes", #"{"op":"subscribe","sub":1,"types":[],"credit":{"events":1}}"#,
        at: "/credit/bytes"),
      MalformedFrame("the start is none of the four", subscribe(#","from":"yesterday""#), at: "/from"),
      MalformedFrame("it starts from a sequence that is not there", subscribe(#","from":"sequence""#), at: "/sequence"),
      MalformedFrame(
        "it starts from a time without a zone", subscribe(#","from":"time","time":"2026-01-01T00:00:00""#), at: "/time"),
      MalformedFrame(
        "it starts from the 30th of February", subscribe(#","from":"time","time":"2026-02-30T00:00:00Z""#), at: "/time"),
      MalformedFrame(
        "the time to acknowledge is shorter than 100 ms", subscribe(#","name":"n","ack_wait_ms":99"#),
        at: "/ack_wait_ms"),
      MalformedFrame(
        "the time to acknowledge is longer than a day", subscribe(#","name":"n","ack_wait_ms":86400001"#),
        at: "/ack_wait_ms"),
      MalformedFrame("there are no attempts", subscribe(#","name":"n","max_attempts":0"#), at: "/max_attempts"),
      MalformedFrame(
        "a step of the back-off is below zero", subscribe(#","name":"n","backoff_ms":[0,-1]"#), at: "/backoff_ms/1"),
      MalformedFrame(
        "the back-off has more than 32 steps",
        subscribe(#","name":"n","backoff_ms":["# + Array(repeating: "1", count: 33).joined(separator: ",") + "]"),
        at: "/backoff_ms"),
      MalformedFrame(
        "the overload policy is unknown", subscribe(#","overload":{"policy":"explode"}"#), at: "/overload/policy"),
      MalformedFrame("the overload has no policy", subscribe(#","overload":{"events":5}"#), at: "/overload/policy"),
      MalformedFrame("the overload is a word", subscribe(#","overload":"block""#), at: "/overload"),
      MalformedFrame(
        "the overload's bound is zero", subscribe(#","overload":{"policy":"block","events":0}"#), at: "/overload/events"
      ),
      MalformedFrame(
        "the overload's bound is above 100000", subscribe(#","overload":{"policy":"block","events":100001}"#),
        at: "/overload/events"),
      MalformedFrame("progress is the word true", subscribe(#","progress":"true""#), at: "/progress"),
      MalformedFrame("forget is a number", #"{"op":"unsubscribe","sub":1,"forget":1}"#, at: "/forget"),
      MalformedFrame("the state of a ping is unknown", #"{"op":"ping","state":"fine"}"#, at: "/state"),
      MalformedFrame("the text of a ping is a number", #"{"op":"ping","text":5}"#, at: "/text"),
      MalformedFrame("a request asks nothing", #"{"op":"request","id":1}"#, at: "/what"),
      MalformedFrame(
        "a request's parameters are a list", #"{"op":"request","id":1,"what":"status","parameters":[]}"#,
        at: "/parameters"),
      MalformedFrame(
        "a request's parameter is a number", #"{"op":"request","id":1,"what":"status","parameters":{"a":1}}"#,
        at: "/parameters"),
      MalformedFrame("the reason of a bye is a list", #"{"op":"bye","reason":["done"]}"#, at: "/reason"),
    ]

  /// What a client has to refuse.
  static let replies: [MalformedFrame] =
    ofEither("pong") + [
      MalformedFrame("a member stands twice", #"{"op":"pong","last":"1","last":"2"}"#, at: "/last"),
      MalformedFrame("the op is a client's", #"{"op":"ping"}"#, .unknownCommand, at: "/op"),
      MalformedFrame("pong has no last sequence", #"{"op":"pong"}"#, at: "/last"),
      MalformedFrame("a sequence is a number", #"{"op":"pong","last":5}"#, at: "/last"),
      MalformedFrame(
        "the senders of a deliver are missing in part",
        #"{"op":"deliver","sub":1,"count":1,"senders":[null],"through":"4"}"#, at: "/senders/0"),
      MalformedFrame("a deliver has no count", #"{"op":"deliver","sub":1,"senders":[],"through":"4"}"#, at: "/count"),
      MalformedFrame(
        "a deliver has looked at nothing", #"{"op":"deliver","sub":1,"count":1,"senders":[]}"#, at: "/through"),
      MalformedFrame(
        "published accepts without a sequence", #"{"op":"published","batch":1,"durability":"disk","accepted":1}"#,
        at: "/first"),
      MalformedFrame(
        "a duplicate has no sequence",
        #"{"op":"published","batch":1,"durability":"disk","accepted":0,"duplicates":[{"index":0}]}"#,
        at: "/duplicates/0/sequence"),
      MalformedFrame(
        "a refused event has no code",
        #"{"op":"published","batch":1,"durability":"disk","accepted":0,"refused":[{"index":0,"message":"m"}]}"#,
        at: "/refused/0/code"),
      MalformedFrame("subscribed has no next sequence", #"{"op":"subscribed","sub":1,"last":"5"}"#, at: "/next"),
      MalformedFrame("progress has no number", #"{"op":"progress","through":"5"}"#, at: "/sub"),
      MalformedFrame(
        "dropped counts below zero", #"{"op":"dropped","sub":1,"first":"1","last":"2","count":-1}"#, at: "/count"),
      MalformedFrame("a reply has no result", #"{"op":"reply","id":1}"#, at: "/result"),
      MalformedFrame("an error has no code", #"{"op":"error","message":"m"}"#, at: "/code"),
      MalformedFrame("an error's code is its name", #"{"op":"error","code":"schema","message":"m"}"#, at: "/code"),
      MalformedFrame("welcome has no limits", welcome(""), at: "/limits"),
      MalformedFrame("a limit is missing", welcome(#""limits":{"event_bytes":1},"#), at: "/limits/batch_bytes"),
      MalformedFrame("a limit is zero", welcome(#""limits":{"event_bytes":0},"#), at: "/limits/event_bytes"),
    ]

  private static func hello(_ versions: String = "[1,1]", more: String = "") -> String {
    #"{"op":"hello","protocol":\#(versions),"identity":"jp.nisc/x","manifest":{"program":"x","version":"1"\#(more)}}"#
  }

  private static func subscribe(_ more: String = "", types: String = #"[">"]"#) -> String {
    #"{"op":"subscribe","sub":1,"types":\#(types),"credit":{"events":1,"bytes":1}\#(more)}"#
  }

  private static func welcome(_ limits: String) -> String {
    #"{"op":"welcome","protocol":1,"broker":"b","identity":"jp.nisc/x","roles":[],"publish":[],"subscribe":[],"#
      + #""clearance":"RED",\#(limits)"heartbeat_ms":5000,"first":"1","last":"0"}"#
  }
}

extension Frames {
  static var malformed: [MalformedFrame] {
    self == ClientCommand.self ? MalformedFrame.commands : MalformedFrame.replies
  }
}
