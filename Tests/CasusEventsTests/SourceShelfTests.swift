import CasusEvents
import Foundation
import TestSupport
import Testing

/// One publisher's flood costs its own oldest, whoever keeps what.
@Suite struct SourceShelfTests {
  private struct File: Decodable {
    struct Shelf: Decodable {
      var capacity: Int
      /// A key, its publisher and its source; a key alone is removed.
      var steps: [[String]]
      var left: [String]
      var fallen: [String: Int]
      var note: String?
    }
    var shelves: [Shelf]
  }

  @Test func `keeps and forgets what Python's does`() throws {
    let file = try readJSON(File.self, Vectors.bytes(of: "shelf.json"))
    #expect(file.shelves.count >= 7)
    for vector in file.shelves {
      var shelf = SourceShelf<String, Int>(capacity: vector.capacity)
      for (number, step) in vector.steps.enumerated() {
        if step.count == 1 {
          shelf.remove(step[0])
        } else {
          shelf.insert(number, for: step[0], of: Holder(sender: step[1], source: step[2]))
        }
      }
      let keys = Set(vector.steps.map { $0[0] })
      #expect(keys.filter { shelf[$0] != nil } == Set(vector.left) && shelf.count == vector.left.count)
      #expect(shelf.fallen.bySender == vector.fallen && shelf.fallen.note(of: "reports") == vector.note)
    }
  }

  @Test func `holds at least as many as it is for, and at most an eighth more, also where most are removed`() {
    var shelf = SourceShelf<Int, Int>(capacity: 80)
    for number in 0..<10_000 {
      shelf.insert(number, for: number, of: Holder(sender: "\(number % 3)", source: "//\(number % 5)"))
      #expect(shelf.count <= 90 && shelf.count >= min(number + 1, 80))
    }
    for number in 10_000..<20_000 {
      shelf.insert(number, for: number, of: Holder(sender: "a", source: "//a"))
      shelf.remove(number)
    }
    #expect(shelf.count <= 90 && shelf.fallen.bySender["a"] == nil)
  }

  @Test func `a value that comes again keeps its place`() {
    var shelf = SourceShelf<String, Int>(capacity: 2)
    let holder = Holder(sender: "a", source: "//a")
    for (key, value) in [("x", 1), ("y", 2), ("x", 3)] { shelf.insert(value, for: key, of: holder) }
    #expect(shelf["x"] == 3)
    #expect(shelf.insert(4, for: "z", of: holder).map(\.key) == ["x"])
  }

  /// What is taken of many lists for a page: each loses only as long as it has most.
  @Test func `the latest of some are shared out`() {
    let names = ["a1", "b1", "b2", "b3", "a2", "b4", "c1", "b5"]
    func latest(_ limit: Int) -> [String] { FairShares.latest(limit, of: names) { String($0.prefix(1)) } }
    #expect(latest(8) == names)
    #expect(latest(5) == ["a1", "a2", "b4", "c1", "b5"])
    #expect(latest(3) == ["a2", "c1", "b5"])
    #expect(latest(1) == ["c1"])
    #expect(latest(0) == [])
  }
}
