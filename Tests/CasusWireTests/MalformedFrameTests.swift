import Testing

@testable import CasusWire

@Suite struct MalformedFrames {
  @Test(arguments: directions)
  func `each is refused with its code and place`(direction: any Frames.Type) {
    func check<F: Frames>(_ type: F.Type) {
      for malformed in F.malformed {
        do throws(WireError) {
          _ = try F.read(malformed.frame)
          Issue.record("taken although \(malformed.sentence): \(text(malformed.frame))")
        } catch {
          #expect(error.code == malformed.code, "\(malformed.sentence)")
          #expect(error.pointer == malformed.pointer, "\(malformed.sentence)")
          #expect(!error.message.isEmpty, "\(malformed.sentence)")
        }
      }
    }
    check(direction)
  }

  @Test(arguments: directions)
  func `each sentence stands once so that it names one frame`(direction: any Frames.Type) {
    let sentences = direction.malformed.map(\.sentence)
    #expect(Set(sentences).count == sentences.count)
  }

  @Test func `a command of more than 64 ki b is refused`() {
    let frame = { (count: Int) in Array(#"{"op":"bye","reason":"\#(String(repeating: "x", count: count))"}"#.utf8) }
    let empty = frame(0).count
    #expect(throws: Never.self) { try ClientCommand.read(frame(65_536 - empty)) }
    #expect(throws: WireError.self) { try ClientCommand.read(frame(65_537 - empty)) }
  }
}
