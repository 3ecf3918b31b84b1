import CasusCore
import Testing
import ZeroMQ

@testable import CasusServer

@Suite("Messages that wait for their turn") struct HeldMessagesTests {
  private func peer(_ number: UInt32) -> PeerID { withUnsafeBytes(of: number) { PeerID($0)! } }

  private func message(_ bytes: Int) throws -> HeldMessage {
    var control = try Message(copying: Array("{}".utf8))
    var batch = try Message(size: bytes)
    return HeldMessage(&control, &batch, frames: 2, bytes: bytes)
  }

  @Test
  func `are a part of one of each peer in turn, and keep their order`() throws {
    var held = HeldMessages(mostBytes: 1_000)
    #expect(!held.isHolding)
    held.begin(peer(1), try message(10))
    held.begin(peer(2), try message(20))
    #expect(held.add(peer(1), try message(11)))
    var seen: [String] = []
    for _ in 0..<5 {
      guard let next = held.next() else { break }
      seen.append("\(next.message.bytes) \(next.hasBegun)")
      // The first of the second peer takes two parts more.
      held.had(next.peer, isUnfinished: next.message.bytes == 20 && seen.count < 3)
    }
    #expect(seen == ["10 true", "20 true", "11 false", "20 true"])
    #expect(!held.isHolding && !held.isHeld(peer(1)) && !held.isHeld(peer(2)))
  }

  @Test
  func `are never more than an honest peer has under way`() throws {
    let most = 100 + 2 * HeldMessage.overhead
    var held = HeldMessages(mostBytes: most)
    held.begin(peer(1), try message(60))
    #expect(held.add(peer(1), try message(40)))
    #expect(!held.add(peer(1), try message(1)))
    #expect(held.drop(peer(1)) == most)
    #expect(!held.isHolding)
  }

  @Test
  func `count for what they take of memory, however small they are`() throws {
    var held = HeldMessages(mostBytes: 100_000)
    held.begin(peer(1), try message(1))
    var count = 1
    while count < 10_000, held.add(peer(1), try message(1)) { count += 1 }
    #expect(count * HeldMessage.overhead <= 100_000)
  }
}
