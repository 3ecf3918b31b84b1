import CasusCore
import CasusWire
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

  private func command(_ bytes: Int) throws -> HeldMessage {
    var control = try Message(size: bytes)
    var batch = Message()
    return HeldMessage(&control, &batch, frames: 1, bytes: bytes)
  }

  @Test
  func `are a part of one of each peer in turn, and keep their order`() throws {
    var held = HeldMessages(mostBytes: 10_000)
    #expect(!held.isHolding)
    held.begin(peer(1), try message(10))
    held.begin(peer(2), try message(20))
    #expect(held.add(peer(1), try message(11), commands: 0))
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

  /// However small its batches are: each end counts a message as the other does.
  @Test(arguments: [1, 60, 3_000])
  func `may be as many as the peer's window takes`(bytes: Int) throws {
    let window = 100_000
    var held = HeldMessages(mostBytes: window)
    held.begin(peer(1), try message(bytes))
    var count = 1
    while (count + 1) * Publish.windowCost(bytes) <= window {
      try #require(held.add(peer(1), try message(bytes), commands: 0))
      count += 1
    }
    #expect(!held.add(peer(1), try message(bytes), commands: 0))
    #expect(held.drop(peer(1)) == count * bytes, "what is told are the bytes that it sent")
    #expect(!held.isHolding)
  }

  @Test
  func `that are no batches are as many as deliveries call for`() throws {
    var held = HeldMessages(mostBytes: 10_000)
    held.begin(peer(1), try message(8_000))
    for _ in 0..<100 { #expect(held.add(peer(1), try command(60), commands: 100)) }
    #expect(!held.add(peer(1), try command(60), commands: 100))
    // They take no room from its batches, and those of one that is through none from what comes.
    #expect(held.add(peer(1), try message(100), commands: 100))
    #expect(!held.add(peer(1), try command(4_001), commands: 1_000))
    for _ in 0..<50 {
      guard let next = held.next() else { break }
      held.had(next.peer, isUnfinished: false)
    }
    #expect(held.add(peer(1), try command(60), commands: 100))
  }

  @Test
  func `take of the window what they take of memory, whatever is in which frame`() throws {
    var control = try Message(size: 5_000)
    var batch = try Message(size: 1)
    let large = HeldMessage(&control, &batch, frames: 2, bytes: 5_001)
    #expect(large.windowCost > 5_000)
    let publish = ClientCommand.publish(
      Publish(batch: Int(Int32.max), count: Int(Int32.max), replay: true, descends: true)
    ).encoded()
    control = try Message(copying: publish)
    batch = try Message(size: 1)
    #expect(HeldMessage(&control, &batch, frames: 2, bytes: 1).windowCost == Publish.windowCost(1))
  }
}
