import CasusEvents
import Foundation
import TestSupport
import Testing

@Suite struct CloudEventsTests {
  @Test
  func `PyPI's cloudevents reads what the program writes, and the program reads what it writes`() throws {
    let peer = Peer()
    let ours = try Samples.all.map { try SchemaTests.event($0) }
    try peer.write("ours.jsonl", Array(ours.joined(separator: Array("\n".utf8))))
    let missing = "PyPI's cloudevents cannot be had; CloudEvents 1.0 goes unchecked by another program"
    guard
      let (status, output) = Checkout.peer(
        "Tests/CasusEventsTests/cloudevents_peer.py", venv: "cloudevents", [peer.folder.path], without: missing)
    else { return }
    #expect(status == 0, "\(output)")
    let theirs = try peer.lines("theirs.jsonl")
    #expect(theirs.count == 2 * ours.count)
    let stamp = Stamp(sequence: 1, recorded: Samples.time, sender: "jp.nisc/suricata-1", flags: [])
    for (index, bytes) in theirs.enumerated() {
      let wanted = try RecordedEvent(stamp: stamp, bytes: ours[index / 2])
      let event = try RecordedEvent(stamp: stamp, bytes: bytes)
      #expect(event.envelope == wanted.envelope)
      func check<P: Payload>(_ payload: P) throws {
        #expect(try canonicalJSON(event.data(as: P.self)) == canonicalJSON(payload))
      }
      let payload = Samples.all[index / 2]
      try check(payload)
    }
  }
}
