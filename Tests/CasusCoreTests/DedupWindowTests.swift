import CasusEvents
import SeededRandom
import Testing

@testable import CasusCore

/// The duplicate window against a dictionary that does the same plainly.
@Suite("The duplicate window") struct DedupWindowTests {
  private func key(_ id: Int) -> DedupWindow.Key {
    Array("//a/b".utf8).withUnsafeBufferPointer { source in
      Array("id-\(id)".utf8).withUnsafeBufferPointer { DedupWindow.key(source: source, id: $0) }
    }
  }

  private func digest(_ text: Int) -> SHA256Digest { SHA256Digest(of: Array("\(text)".utf8)) }

  @Test(arguments: [1, 2, 63, 100])
  func `keeps the newest events and forgets the oldest`(capacity: Int) {
    var window = DedupWindow(capacity: capacity)
    for number in 1...(capacity * 5) {
      window.insert(key(number), sequence: UInt64(number), digest: digest(number))
      let isOldestThere = window.find(key(max(1, number - capacity + 1)), digest(max(1, number - capacity + 1))) != nil
      let isGoneThere = number > capacity && window.find(key(number - capacity), digest(0)) != nil
      #expect(isOldestThere && !isGoneThere)
    }
    #expect(window.count == capacity)
  }

  @Test
  func `finds any of its events in a few steps, also when it is full and old`() {
    var window = DedupWindow(capacity: 5_000)
    for number in 1...20_000 {
      window.insert(key(number), sequence: UInt64(number), digest: digest(number))
      if number % 1_000 == 0 {
        let longest = window.longestSearch
        #expect(longest < 400, "after \(number)")
      }
    }
  }

  @Test
  func `tells other bytes under the same id`() {
    var window = DedupWindow(capacity: 10)
    window.insert(key(1), sequence: 7, digest: digest(1))
    let same = window.find(key(1), digest(1))
    let other = window.find(key(1), digest(2))
    #expect(same?.sequence == 7 && same?.isSame == true)
    #expect(other?.sequence == 7 && other?.isSame == false)
  }

  @Test
  func `tells sequences beyond 32 bits, and forgets what lies 2^31 of them back`() {
    var window = DedupWindow(capacity: 10)
    let start: UInt64 = (5 << 32) - 2
    for step in 0..<4 { window.insert(key(step), sequence: start + UInt64(step), digest: digest(step)) }
    let found = (0..<4).map { window.find(key($0), digest($0))?.sequence }
    #expect(found == (0..<4).map { start + $0 })
    window.insert(key(4), sequence: start + 2 + (1 << 31), digest: digest(4))
    let later = (0...4).map { window.find(key($0), digest($0))?.sequence }
    #expect(later == [nil, nil, start + 2, start + 3, start + 2 + (1 << 31)])
    window.insert(key(5), sequence: start + (1 << 40), digest: digest(5))
    let last = (0...5).map { window.find(key($0), digest($0))?.sequence }
    #expect(last == [nil, nil, nil, nil, nil, start + (1 << 40)] && window.count == 1)
  }

  @Test(arguments: 1...20)
  func `agrees with a dictionary over random insertions and roll-backs`(seed: UInt64) {
    let capacity = 50
    var random = SeededGenerator(seed: seed)
    var window = DedupWindow(capacity: capacity)
    var plain: [(id: Int, sequence: UInt64)] = []
    var sequence: UInt64 = 0
    for _ in 0..<3000 {
      if random.next() % 40 == 0, let last = plain.last {
        let to = last.sequence - min(last.sequence, random.next() % 20)
        window.rollBack(after: to)
        plain.removeAll { $0.sequence > to }
      } else {
        let id = Int(random.next() % 500)
        if plain.contains(where: { $0.id == id }) { continue }
        sequence += 1 + random.next() % 3
        window.insert(key(id), sequence: sequence, digest: digest(id))
        plain.append((id, sequence))
        if plain.count > capacity { plain.removeFirst() }
      }
      let probe = Int(random.next() % 500)
      let found = window.find(key(probe), digest(probe))?.sequence
      #expect(found == plain.first { $0.id == probe }?.sequence)
    }
    #expect(window.count == plain.count)
  }
}
