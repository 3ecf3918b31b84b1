import Testing

@testable import CasusWire

@Suite struct LimitTable {
  @Test func `every limit has one row and a standard in its range`() {
    #expect(Limit.all.count == Mirror(reflecting: Limits()).children.count, "a field of Limits has no row")
    #expect(Set(Limit.all.map(\.name)).count == Limit.all.count)
    for limit in Limit.all {
      #expect(limit.range.contains(limit.standard), "\(limit.name)")
      #expect(limit.isSetting || limit.isTold, "nobody sets and nobody is told \(limit.name)")
      #expect(
        !limit.isTold || counts.contains(limit.range.upperBound), "\(limit.name) does not fit a number of the protocol")
    }
  }

  @Test func `each row is of a field of its own`() {
    var limits = Limits()
    for (place, limit) in Limit.all.enumerated() { limits[limit] = place }
    #expect(Limit.all.map { limits[$0] } == Array(Limit.all.indices))
  }

  @Test func `the standard limits keep to all relations`() { #expect(Limits().broken.isEmpty) }

  @Test(arguments: LimitRelation.all.indices)
  func `a relation holds from its very bound on`(place: Int) {
    let relation = LimitRelation.all[place]
    var limits = Limits()
    limits[relation.greater] = limits[relation.least] + relation.margin
    #expect(!limits.broken.map(\.description).contains(relation.description))
    limits[relation.greater] -= 1
    #expect(limits.broken.map(\.description).contains(relation.description))
  }
}
