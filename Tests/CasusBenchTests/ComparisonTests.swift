import FoundationEssentials
import Testing

@testable import CasusBench

@Suite("A baseline") struct ComparisonTests {
  private func report(_ rate: Double, p99: Double = 2) throws -> BenchReport {
    let latency = #"{"p50":1,"p99":\#(p99),"p999":3,"max":4}"#
    let plan = String(decoding: try JSONEncoder().encode(BenchPlan()), as: UTF8.self)
    let json = """
      {"plan":\(plan),"published_per_second":\(rate),"delivered_per_second":\(rate),"published":1000,"delivered":1000,
       "refused":0,"lost":0,"repeated":0,"disordered":0,"ack_ms":\(latency),"deliver_ms":\(latency),
       "broker":{"rss_mb":50,"idle_rss_mb":20,"cpu_s":1},"publishers":{"cpu_s":1,"rss_mb":10},
       "subscribers":{"cpu_s":1,"rss_mb":10}}
      """
    return try JSONDecoder().decode(BenchReport.self, from: Data(json.utf8))
  }

  @Test
  func `names what got slower by over a tenth, and nothing else`() throws {
    let comparison = BenchComparison(from: try report(1000), to: try report(850, p99: 2.1))
    #expect(comparison.isSlower)
    #expect(comparison.rows.filter(\.isSlower).map(\.name) == ["published/s", "delivered/s"])
    #expect(comparison.text.contains("slower  published/s: 1,000 -> 850"))
    #expect(!BenchComparison(from: try report(1000), to: try report(950)).isSlower)
  }

  @Test
  func `of another plan is told`() throws {
    var other = try report(1000)
    other.plan.size = 4096
    #expect(BenchComparison(from: try report(1000), to: other).plansDiffer)
  }
}
