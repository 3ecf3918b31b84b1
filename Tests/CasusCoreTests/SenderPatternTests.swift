import CasusWire
import Testing

@testable import CasusCore

@Suite struct SenderPatterns {
  @Test func `only one plugin or all of an agency can be named`() {
    for text in ["jp.nisc/suricata-1", "jp.nisc/*", "casus/broker", "us.doe/outage-1"] {
      #expect(SenderPattern(text)?.text == text)
    }
    for text in [
      "jp.nisc/suri*", "*x", "*/x", "*", "jp.nisc", "jp.nisc/", "/x", "jp.nisc/a/b", "jp.*/x", "jp.nisc/**",
      "jp..nisc/x",
      "jp.nisc/X", "jp.nisc/a\u{1b}", "jp.nisc/" + String(repeating: "a", count: 200),
    ] {
      #expect(SenderPattern(text) == nil, "\(text)")
    }
  }

  @Test func `a star stands for every plugin of the agency alone`() throws {
    let all = try #require(SenderPattern("jp.nisc/*"))
    #expect(all.matches("jp.nisc/suricata-1") && !all.matches("jp.nisc.other/x") && !all.matches("jp.nis/x"))
  }

  @Test func `a subscription with another pattern is refused with its place`() {
    let bus = Bench()
    let reader = bus.join("b")
    bus.send(
      reader, user: "key-b",
      .subscribe(
        Subscribe(
          subscription: 1, types: ["t.one"], senders: ["jp.test/a", "jp.test/suri*"], creditEvents: 1, creditBytes: 1)))
    let error = bus.errors(to: reader).first?.error
    #expect(error?.code == .badPattern && error?.pointer == "/senders/1")
  }
}
