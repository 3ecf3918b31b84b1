import Testing

@testable import CasusServer
@testable import ZeroMQ

@Suite("Connections that are too many") struct AcceptedConnectionsTests {
  private static let second: Int64 = 1_000_000_000

  @Test(arguments: [64, 256, 300, 1_024, 65_536])
  func `leave descriptors for files, and a few places for others, whatever the limit is`(limit: Int) {
    let reserve = AcceptedConnections.reserve(of: limit)
    let unproved = AcceptedConnections.unproved(of: limit)
    #expect(reserve >= 16 && reserve <= limit / 4)
    #expect(unproved >= 8 && unproved <= 1_024)
    #expect(limit - reserve - unproved >= limit / 4)
  }

  /// Each would take one of the places in which connections are counted from one that has some to count.
  @Test
  func `are not counted of an address that proves a key and had none`() throws {
    let key = try CurveKeyPair.generate().publicKey
    let keeper = DoorKeeper(.curve)
    keeper.admit([key.z85])
    let before = AcceptedConnections.look().addresses
    for place in 1...200 {
      let request = ZAPRequest(domain: "casus", address: "192.0.2.\(place)", credentials: .curve(key))
      #expect(keeper.answer(request).status == 200)
    }
    #expect(AcceptedConnections.look().addresses == before)
  }

  @Test
  func `are told at most every ten seconds, with how many there were and what to do`() throws {
    var accepted = AcceptedConnections()
    func word(_ seconds: Int64, _ noRoom: Int, _ unproved: Int) -> String? {
      accepted.takeWord(
        at: seconds * Self.second, counts: .init(noRoom: noRoom, unproved: unproved, last: "192.0.2.1", limit: 300))
    }
    #expect(word(0, 0, 0) == nil)
    let first = try #require(word(1, 5, 0))
    #expect(first.contains("5 connections for want of descriptors") && first.contains("limit of open files is 300"))
    #expect(first.hasSuffix("the last of them from 192.0.2.1"))
    #expect(word(2, 700, 30) == nil)
    let second = try #require(word(11, 1_000, 40))
    #expect(second.contains("995 connections for want") && second.contains("40 connections of addresses"))
    #expect(word(30, 1_000, 40) == nil)
  }
}
