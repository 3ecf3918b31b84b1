import CasusCases

/// `{"policy": {…}}` for one policy, or `{"policies": [{…}, …]}`. Unlike an analyzer's numbers a policy has no default:
/// who may decide is nothing to assume.
struct RecorderSettings: Decodable {
  var policies: [CasePolicy]

  enum CodingKeys: String, CodingKey { case policy, policies }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.policies) {
      policies = try container.decode([CasePolicy].self, forKey: .policies)
    } else {
      policies = [try container.decode(CasePolicy.self, forKey: .policy)]
    }
  }
}
