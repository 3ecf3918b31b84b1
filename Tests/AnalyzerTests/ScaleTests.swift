import CasusEvents
import Knowledge
import Testing

@testable import DamageEstimator

@Suite("Damage scales")
struct ScaleTests {
  let nciss = NCISS()
  let ladders = Ladders(settings: .init())

  /// Selections in the order of the table: functional, activity, location, actor, information, recoverability, sector,
  /// potential. The readings of real incidents are this project's, not official scores.
  static let worked: [(name: String, options: [String], score: Double)] = [
    (
      "all lowest", ["none", "none", "L1", "hacktivist", "none", "regular", "us:nuclear", "minimal"], 0
    ),
    (
      "all highest",
      [
        "denial-critical-or-loss-of-control", "effect", "L7", "apt-targeted", "critical-system-destroyed",
        "not-recoverable", "us:energy", "severe",
      ], 100
    ),
    (
      "Ukraine 2015",
      [
        "denial-critical-or-loss-of-control", "effect", "L6", "apt-targeted", "critical-system-destroyed", "extended",
        "us:energy", "high",
      ], 88.62
    ),
    (
      "NotPetya",
      [
        "denial-critical-or-loss-of-control", "effect", "L3", "apt", "critical-system-destroyed", "extended",
        "us:transportation", "high",
      ], 79.67
    ),
    (
      "WannaCry in the NHS",
      [
        "significant-critical", "effect", "L2", "apt", "non-critical-system-destroyed", "supplemented",
        "us:healthcare-and-public-health", "moderate",
      ], 56.75
    ),
    (
      "a defacement",
      [
        "minimal-non-critical", "effect", "L1", "hacktivist", "none", "regular", "us:government-facilities", "minimal",
      ], 25.53
    ),
  ]

  @Test(arguments: worked.indices)
  func `NCISS reproduces its worked vectors to two decimals`(_ index: Int) throws {
    let vector = Self.worked[index]
    let selections = Dictionary(uniqueKeysWithValues: zip(nciss.table.categories.map(\.id), vector.options))
    let score = try #require(nciss.score(selections))
    #expect((score * 100).rounded() / 100 == vector.score, "\(vector.name)")
  }

  @Test
  func `NCISS' bounds are 325 and 3,400, and an option that isn't there gives no score`() {
    #expect(nciss.minimum == 325)
    #expect(nciss.maximum == 3400)
    #expect(nciss.score([:]) == nil)
  }

  @Test
  func `a world like Ukraine 2015 scores like the worked vector`() {
    let world = World([
      .phase: 3, .service: 4, .essential: 1, .users: 225_000, .hours: 6, .destruction: 1, .location: 90, .actor: 100,
      .sector: 100, .potential: 75,
    ])
    #expect((nciss.score(world) * 100).rounded() / 100 == 88.62)
  }

  @Test
  func `japan's standard takes the highest of its three viewpoints`() {
    let outage = World([.phase: 3, .service: 4, .essential: 1, .users: 225_000, .hours: 6])
    #expect(ladders.nisc(outage) == (3, 0, 2))
    #expect(ladders.niscOverall(outage) == 3)
    // The press was told: an outage of power between 2 and 4, a defaced page 0 or 1.
    #expect(
      (2...4).contains(ladders.niscOverall(World([.phase: 3, .service: 4, .essential: 1, .users: 50_000, .hours: 2]))))
    #expect((0...1).contains(ladders.niscOverall(World([.phase: 3, .service: 2, .users: 10_000, .hours: 24]))))
    #expect(ladders.nisc(World([.phase: 3, .deaths: 1])).safety == 3)
    #expect(ladders.nisc(World([.phase: 3, .records: 60_000_000])).trust == 4)
  }

  @Test
  func `every ladder stays within its ends and never falls as more users lose the service for longer`() {
    let hours: [Double] = [0.1, 1, 10, 100, 1000]
    let users: [Double] = [1, 1e3, 1e5, 1e7]
    func rising(_ level: (World) -> Int, _ range: ClosedRange<Int>, falls: Bool = false) {
      for state in ServiceState.allCases {
        var last: [Int]?
        for count in users {
          let row = hours.map {
            level(World([.phase: 3, .service: Double(state.rawValue), .essential: 1, .users: count, .hours: $0]))
          }
          #expect(row.allSatisfy(range.contains))
          #expect(row == (falls ? row.sorted(by: >) : row.sorted()))
          if let last { #expect(zip(last, row).allSatisfy { falls ? $0 >= $1 : $0 <= $1 }) }
          last = row
        }
      }
    }
    rising(ladders.ppd41, 0...5)
    rising(ladders.niscOverall, 0...4)
    rising(ladders.ncsc, 1...6, falls: true)
    rising(ladders.eu, 0...3)
    rising(ladders.dcid, 0...10)
  }

  @Test
  func `DCID's steps follow its codebook's words`() {
    #expect(ladders.dcid(World([.phase: 1])) == 1)
    #expect(ladders.dcid(World([.phase: 3, .service: 2])) == 2)
    #expect(ladders.dcid(World([.phase: 2, .theft: 2])) == 3)
    #expect(ladders.dcid(World([.phase: 2, .theft: 2, .victims: 3])) == 4)
    #expect(ladders.dcid(World([.phase: 3, .service: 4, .destruction: 1, .victims: 1])) == 5)
    #expect(ladders.dcid(World([.phase: 3, .service: 4, .destruction: 1, .victims: 2])) == 6)
    #expect(ladders.dcid(World([.phase: 3, .deaths: 3])) == 7)
    #expect(ladders.dcid(World([.phase: 3, .money: 2e10])) == 8)
    #expect(ladders.dcid(World([.phase: 3, .essential: 1, .physical: 2])) == 9)
    #expect(ladders.dcid(World([.phase: 3, .deaths: 101])) == 10)
  }

  @Test
  func `EuRepoC's intensity is the sum of five indicators, half as much again for an important target`() {
    let world = World([
      .phase: 3, .service: 4, .hours: 5, .repair: 30, .hijacking: 2, .theft: 1, .physical: 1, .importance: 1,
    ])
    #expect(ladders.eurepoc(world).points == [1, 1, 2, 1, 2])
    #expect(ladders.eurepoc(world).weighted == 10.5)
  }
}

@Suite("Damage scales over published data")
struct PublishedScaleTests {
  @Test(.needsSharedData("nciss.json"))
  func `NCISS equals every vector of the reference file`() throws {
    struct File: Decodable {
      struct Vector: Decodable {
        var name: String
        var selections: [String: String]
        var weightedSum: Double
        var score: Double
      }
      struct Option: Decodable {
        var label: String
        var value: Double
      }
      var weights: [String: Double]
      var options: [String: [Option]]
      var vectors: [Vector]
    }
    let file = try SharedData.read(File.self, "nciss.json")
    let nciss = NCISS()
    // The same numbers under other names: weights and the multiset of values of each category.
    func key(_ weight: Double, _ values: [Double]) -> [Double] { [weight] + values.sorted() }
    #expect(
      Set(file.weights.map { key($1, file.options[$0]!.map(\.value)) })
        == Set(nciss.table.categories.map { key($0.weight, $0.options.map(\.value)) }))
    for vector in file.vectors {
      let sum = vector.selections.reduce(0.0) { total, chosen in
        total + file.weights[chosen.key]! * file.options[chosen.key]!.first { $0.label == chosen.value }!.value
      }
      #expect(sum == vector.weightedSum)
      #expect(abs(nciss.score(weightedSum: sum) - vector.score) < 0.0001, "\(vector.name)")
    }
  }

  @Test(.needsSharedData("eurepoc.json"))
  func `EuRepoC's own intensities follow from its own points`() throws {
    struct File: Decodable {
      struct Row: Decodable {
        var points: [String: Int?]
        var multiplier: Double?
        var weighted: Double?
      }
      var incidents: [Row]
    }
    let rows = try SharedData.read(File.self, "eurepoc.json").incidents
    let compared = rows.compactMap { row -> Bool? in
      guard let weighted = row.weighted, let multiplier = row.multiplier else { return nil }
      let points = ["data_theft", "disruption", "hijacking", "physical_spatial", "physical_temporal"].map {
        (row.points[$0] ?? nil) ?? 0
      }
      // The dataset rounds halves.
      return abs(Ladders.intensity(points, isImportant: multiplier > 1) - weighted) <= 0.5
    }
    print("EuRepoC: \(compared.count { $0 }) of \(compared.count) intensities reproduced")
    #expect(Double(compared.count { $0 }) / Double(compared.count) > 0.98)
  }

  @Test(.needsSharedData("eurepoc.json"))
  func `the counts by kind of actor are those of the published table`() throws {
    struct File: Decodable {
      struct Row: Decodable {
        var points: [String: Int?]
        var initiatorCategory: [String]?
      }
      var incidents: [Row]
    }
    let rows = try SharedData.read(File.self, "eurepoc.json").incidents
    func counts(_ label: String?) -> ActorClasses.Counts {
      let chosen = rows.filter { row in label.map { (row.initiatorCategory ?? []).contains($0) } ?? true }
      func count(_ key: String) -> Int { chosen.count { (($0.points[key] ?? nil) ?? 0) > 0 } }
      return ActorClasses.Counts(
        incidents: chosen.count, theft: count("data_theft"), disruption: count("disruption"),
        hijacking: count("hijacking"))
    }
    let counted = ActorClasses.shared.counted
    #expect(counts(nil) == counted.all)
    #expect(counts("State") == counted.state)
    #expect(counts("Non-state actor, state-affiliation suggested") == counted.affiliated)
    #expect(counts("Non-state-group") == counted.nonState)
    #expect(counts("Individual hacker(s)") == counted.individual)
    #expect(counts("Unknown - not attributed") == counted.unattributed)
  }
}
