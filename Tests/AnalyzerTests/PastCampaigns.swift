import CasusEvents
import Foundation
import Knowledge

@testable import AttributionAnalyzer

/// ATT&CK's campaigns as tests of attribution: a campaign's techniques and software are the evidence, and the group
/// profiles leave out every edge that cites one of the campaign's own sources (otherwise the answer is in the question).
struct PastCampaigns {
  struct Campaign {
    var id: String
    var features: [String]
    var attributedTo: [String]
    var citations: Set<Int>
  }

  struct Edge {
    var group: String
    var feature: String
    var citations: Set<Int>
  }

  var campaigns: [Campaign]
  var edges: [Edge]
  var groups: [AttackKnowledge.Group]

  init() throws {
    let file = try SharedData.read(File.self, "attack-attribution-eval.json")
    campaigns = file.campaigns.map {
      Campaign(
        id: $0.id, features: $0.techniques + $0.software, attributedTo: $0.attributedTo, citations: Set($0.refs))
    }
    edges = file.edges.map { Edge(group: $0.group, feature: $0.feature, citations: Set($0.citations)) }
    groups = AttackKnowledge.shared.groups
  }

  /// Attributed to one group alone: 24.
  var attributed: [Campaign] { campaigns.filter { $0.attributedTo.count == 1 } }
  /// Attributed to nobody, with something known of them.
  var unattributed: [Campaign] { campaigns.filter { $0.attributedTo.isEmpty && !$0.features.isEmpty } }

  /// What was known of the groups apart from this campaign; with `folding`, other campaigns count too unless they share
  /// a source with it.
  func uses(without test: Campaign, folding: Bool) -> [Set<String>] {
    var uses: [String: Set<String>] = [:]
    for edge in edges where edge.citations.isDisjoint(with: test.citations) {
      uses[edge.group, default: []].insert(edge.feature)
    }
    if folding {
      for other in attributed where other.id != test.id && other.citations.isDisjoint(with: test.citations) {
        uses[other.attributedTo[0], default: []].formUnion(other.features)
      }
    }
    return groups.map { uses[$0.id] ?? [] }
  }

  func profiles(without test: Campaign) -> Profiles {
    Profiles(
      groups: zip(groups, uses(without: test, folding: true)).map {
        Profiles.Group(id: $0.id, name: $0.name, isCriminal: $0.isCriminal, uses: $1)
      })
  }

  /// The campaign as the analyzer would meet it in an incident that someone reported without any doubt.
  func evidence(of campaign: Campaign) -> [Evidence] {
    let knowledge = AttackKnowledge.shared
    return Set(campaign.features).map { id in
      let known = knowledge.feature(id).map { knowledge.features[$0] }
      return Evidence(
        kind: id.hasPrefix("T") ? .technique : .software, id: id, name: known?.name ?? id,
        dependenceGroup: campaign.id, reliability: 1, forgeability: .moderate, count: 1, refs: [])
    }.sorted(by: Evidence.inOrder)
  }

  private struct File: Decodable {
    struct Row: Decodable {
      var group: String
      var feature: String
      var citations: [Int]

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        group = try row.decode(String.self)
        feature = try row.decode(String.self)
        _ = try row.decode(String.self)
        citations = try row.decode([Int].self)
      }
    }

    struct CampaignRow: Decodable {
      var id: String
      var techniques: [String]
      var software: [String]
      var attributedTo: [String]
      var refs: [Int]
    }

    var campaigns: [CampaignRow]
    var edges: [Row]
  }
}

/// Places of the right answers in a list of candidates.
struct Ranks: CustomStringConvertible {
  private var ranks: [Int] = []

  mutating func add(_ scores: [Double], right: Int) {
    ranks.append(scores.count { $0 > scores[right] })
  }

  var first: Int { ranks.count { $0 == 0 } }
  var amongFive: Int { ranks.count { $0 < 5 } }
  var description: String { "top-1 \(first), top-5 \(amongFive) of \(ranks.count)" }
}

/// Σ over hypotheses of (p − truth)²: 0 is perfect, 2 is certainty in the wrong one.
func brier(_ probabilities: [Double], right: Int) -> Double {
  probabilities.indices.reduce(0) { sum, i in
    let miss = probabilities[i] - (i == right ? 1 : 0)
    return sum + miss * miss
  }
}

func softmax(_ scores: [Double], temperature: Double) -> [Double] {
  let top = scores.max() ?? 0
  let weights = scores.map { exp(($0 - top) / temperature) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}
