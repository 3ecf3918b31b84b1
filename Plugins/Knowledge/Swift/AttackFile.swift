/// `attack.json` as it is written: rows are arrays, so that the file stays small.
///
///     techniques  ["T0800", "Activate Firmware Update Mode", [tactic, …]]
///     software    ["S0001", "Trojan.Mebromi", "malware", [technique, …]]
///     groups      ["G0001", "Axiom", "criminal" or "", ["alias", …], [use, …]]
///     campaigns   ["C0001", "Frankenstein", "2019-01-01", "2019-04-01", [group, …], [use, …]]
///     use         [feature, citation, …, -1 when citations may be missing]; feature counts techniques, then software
struct AttackFile: Decodable {
  struct TechniqueRow: Decodable {
    var id: String
    var name: String
    var tactics: [Int]

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      id = try row.decode(String.self)
      name = try row.decode(String.self)
      tactics = try row.decode([Int].self)
    }
  }

  struct SoftwareRow: Decodable {
    var id: String
    var name: String
    var type: String
    var techniques: [Int]

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      id = try row.decode(String.self)
      name = try row.decode(String.self)
      type = try row.decode(String.self)
      techniques = try row.decode([Int].self)
    }
  }

  struct GroupRow: Decodable {
    var id: String
    var name: String
    var kind: String
    var aliases: [String]
    var uses: [[Int]]

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      id = try row.decode(String.self)
      name = try row.decode(String.self)
      kind = try row.decode(String.self)
      aliases = try row.decode([String].self)
      uses = try row.decode([[Int]].self)
    }
  }

  struct CampaignRow: Decodable {
    var id: String
    var name: String
    var firstSeen: String?
    var lastSeen: String?
    var attributedTo: [Int]
    var uses: [[Int]]

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      id = try row.decode(String.self)
      name = try row.decode(String.self)
      firstSeen = try row.decodeIfPresent(String.self)
      lastSeen = try row.decodeIfPresent(String.self)
      attributedTo = try row.decode([Int].self)
      uses = try row.decode([[Int]].self)
    }
  }

  var source: [String]
  var tactics: [String]
  var techniques: [TechniqueRow]
  var software: [SoftwareRow]
  var citations: [String]
  var groups: [GroupRow]
  var campaigns: [CampaignRow]
}
