import Testing

@testable import CasusCore

@Suite("A selection of places in a run") struct SelectionTests {
  private func selection(_ places: [Int32]) -> Selection {
    var selection = Selection()
    for place in places { selection.append(place) }
    return selection
  }

  @Test(arguments: [[], [0], [7], [3, 4, 5], [3, 5], [3, 4, 6, 7, 9], [0, 2, 3, 4]] as [[Int32]])
  func `gives back what it was given, gaps or not`(_ places: [Int32]) {
    #expect(Array(selection(places)) == places)
    #expect(selection(places).count == places.count)
  }

  @Test
  func `is a stretch as long as it has no gap`() {
    #expect(selection([]).stretch == nil)
    #expect(selection([4]).stretch == 4..<5)
    #expect(selection([4, 5, 6]).stretch == 4..<7)
    #expect(selection([4, 5, 7]).stretch == nil)
    #expect(selection([4, 6, 7]).stretch == nil)
  }
}
