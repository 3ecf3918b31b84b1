import CasusCases
import CasusConfiguration

/// `{"policy": {…}}` for one policy, or `{"policies": [{…}, …]}`. Unlike an analyzer's numbers a policy has no default:
/// who may decide is nothing to assume.
struct RecorderSettings {
  var policies: [CasePolicy]

  static let table = FieldTable(
    "the recorder's settings",
    [
      Field("policy", .table(CasePolicy.table), "Who decides; this or policies is needed."),
      Field("policies", .list(.table(CasePolicy.table)), "Several of them."),
    ])

  init?(_ members: Members) {
    policies = (members.members("policy").map { [$0] } ?? members.list("policies")).compactMap { CasePolicy($0) }
    if members["policy"] == nil, members["policies"] == nil {
      members.report("the recorder needs a policy: policy, or policies")
    }
  }
}
