internal import CKnowledge

/// What ATT&CK records of who uses what: groups, campaigns, techniques and software as indexes into each other.
///
/// A plain value, safe anywhere; ``shared`` is parsed once, on first use (tens of milliseconds, a few megabytes).
/// Source: MITRE ATT&CK enterprise 18.1 and ICS 15 (`Data/NOTICE`).
public struct AttackKnowledge: Sendable {
  /// A technique or a piece of software: what a group can be seen using. Techniques come first.
  public struct Feature: Sendable, Hashable {
    /// `T0855`, `T1566.001`, `S0604`.
    public var id: String
    public var name: String
    /// Of a technique: `impact`, `ics:inhibit-response-function`, …; empty for software.
    public var tactics: [String]
    /// Of software: the techniques it is known to carry out, as indexes; empty for a technique.
    public var techniques: [Int]
    /// Software that anyone can have: ATT&CK's type `tool`.
    public var isPublicTool: Bool

    public var isTechnique: Bool { id.utf8.first == UInt8(ascii: "T") }
    /// The technique above a sub-technique; a technique itself; nil for software.
    public var parent: String? { isTechnique ? String(id.prefix(5)) : nil }
  }

  /// That a group or campaign used a feature, and who says so.
  public struct Use: Sendable, Hashable {
    public var feature: Int
    /// Indexes into ``AttackKnowledge/citations``.
    public var citations: [Int]
    /// False: the source cut the text, so that there may be more citations.
    public var citationsAreWhole: Bool
  }

  public struct Group: Sendable, Hashable {
    public var id: String
    public var name: String
    public var aliases: [String]
    /// Its description says criminal and names no state (our reading, see `deploy/data/make-attack-data`).
    public var isCriminal: Bool
    public var uses: [Use]
  }

  public struct Campaign: Sendable, Hashable {
    public var id: String
    public var name: String
    /// RFC 3339 dates.
    public var firstSeen: String?
    public var lastSeen: String?
    /// Indexes into ``AttackKnowledge/groups``; none for a campaign that nobody is named for.
    public var attributedTo: [Int]
    public var uses: [Use]
  }

  public let features: [Feature]
  public let groups: [Group]
  public let campaigns: [Campaign]
  public let citations: [String]
  public let sources: [String]
  private let indexes: [String: Int]

  public static let shared: AttackKnowledge = AttackKnowledge(embedded(AttackFile.self, casus_attack_json))

  /// The index of `T1566.001` or `S0604`. A sub-technique that isn't known has none, even if its parent is.
  public func feature(_ id: String) -> Int? { indexes[id] }

  public func group(_ id: String) -> Group? { groups.first { $0.id == id } }

  init(_ file: AttackFile) {
    let techniques = file.techniques.map {
      Feature(
        id: $0.id, name: $0.name, tactics: $0.tactics.map { file.tactics[$0] }, techniques: [], isPublicTool: false)
    }
    let software = file.software.map {
      Feature(id: $0.id, name: $0.name, tactics: [], techniques: $0.techniques, isPublicTool: $0.type == "tool")
    }
    features = techniques + software
    indexes = Dictionary(features.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    groups = file.groups.map {
      Group(
        id: $0.id, name: $0.name, aliases: $0.aliases, isCriminal: $0.kind == "criminal", uses: $0.uses.map(Use.init))
    }
    campaigns = file.campaigns.map {
      Campaign(
        id: $0.id, name: $0.name, firstSeen: $0.firstSeen, lastSeen: $0.lastSeen, attributedTo: $0.attributedTo,
        uses: $0.uses.map(Use.init))
    }
    citations = file.citations
    sources = file.source
  }
}

extension AttackKnowledge.Use {
  /// From `[feature, citation, …]`, with -1 at the end where citations may be missing.
  init(_ row: [Int]) {
    self.init(feature: row[0], citations: row.dropFirst().filter { $0 >= 0 }, citationsAreWhole: row.last != -1)
  }
}
