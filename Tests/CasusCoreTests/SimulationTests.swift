import Foundation
import Testing

@testable import CasusCore

/// `CASUS_SEEDS` runs more seeds, `CASUS_SEED` runs one again.
@Suite struct Simulations {
  private static let seeds: Range<UInt64> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["CASUS_SEED"].flatMap(UInt64.init) { return seed..<seed + 1 }
    return 0..<(environment["CASUS_SEEDS"].flatMap(UInt64.init) ?? 500)
  }()

  @Test func everyPromiseHoldsInEverySeededRun() {
    for seed in Self.seeds {
      let violations = Simulation(seed: seed).run()
      #expect(violations.isEmpty, "CASUS_SEED=\(seed): \(violations.prefix(3))")
      if !violations.isEmpty { break }
    }
  }

  @Test(arguments: [
    Simulation.Control.acknowledgeBeforeCommit, .forgetDuplicates, .losePositionsForward,
  ]) func aFaultPutInOnPurposeIsFound(control: Simulation.Control) {
    #expect((0..<100).contains { !Simulation(seed: $0, control: control).run().isEmpty })
  }
}
