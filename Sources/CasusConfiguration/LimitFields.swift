internal import CasusWire

/// `limits` of a broker's configuration and of a topology's broker: the table of `CasusWire`, read here for both.
public enum LimitFields {
  public static let table = FieldTable(
    "limits",
    Limit.settings.map { limit in
      Field(limit.name, .integer(limit.range), standard: "\(limit.standard)", limit.doc)
    })

  /// What `limits` of a mapping sets, by its names; nil when there is none. Limits with which a client that keeps to them would
  /// be refused for ever are a fault.
  public static func read(_ members: Members) -> [String: Int]? {
    guard let inner = members.members("limits") else { return nil }
    var all = Limits()
    var set: [String: Int] = [:]
    for limit in Limit.settings {
      guard let number = inner.integer(limit.name) else { continue }
      set[limit.name] = number
      all[limit] = number
    }
    for broken in all.broken {
      inner.report(set[broken.greater.name] != nil ? broken.greater.name : broken.least.name, broken.description)
    }
    return set
  }
}
