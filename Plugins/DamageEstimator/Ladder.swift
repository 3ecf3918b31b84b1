/// One of the scales that give a level and no score: how a world is put on it, and which facts that asks for.
struct Ladder: Sendable {
  var id: String
  var facts: [FactName]
  var level: @Sendable (World) -> Int
  var notes: @Sendable ([World]) -> [String]

  private static let impact: [FactName] = [
    .service, .essential, .users, .hours, .physical, .deaths, .injured, .records, .theft, .location,
  ]

  static func all(_ ladders: Ladders) -> [Ladder] {
    [
      Ladder(id: "ppd41", facts: [.phase] + impact, level: ladders.ppd41) { _ in
        ["From level 3 on an incident is significant. The schema gives words for its levels and no measures."]
      },
      Ladder(id: "nisc-2018", facts: impact, level: ladders.niscOverall) { worlds in
        let parts = worlds.map(ladders.nisc)
        func words(_ name: String, _ values: [Int]) -> String {
          let summary = Simulation.summary(values.map(Double.init))
          let range = summary.low == summary.high ? "" : " (\(Int(summary.low)) to \(Int(summary.high)))"
          return "\(name) \(Int(summary.median))\(range)"
        }
        return [
          [
            words("continuity", parts.map(\.continuity)), words("safety", parts.map(\.safety)),
            words("trust", parts.map(\.trust)),
          ].joined(separator: ", ") + "; the level is the highest of the three.",
          "The standard is meant for assessment after the event.",
        ]
      },
      Ladder(id: "ncsc-uk", facts: [.phase] + impact, level: ladders.ncsc) { _ in ["1 is the worst category."] },
      Ladder(id: "eu-nis", facts: impact, level: ladders.eu) { _ in [] },
      Ladder(
        id: "dcid",
        facts: [.phase, .service, .essential, .physical, .deaths, .destruction, .theft, .victims, .money],
        level: ladders.dcid
      ) { _ in ["The codebook's coders agreed with a Fleiss kappa of 0.712."] },
    ]
  }
}
