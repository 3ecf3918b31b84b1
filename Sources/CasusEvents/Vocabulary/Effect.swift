/// What an operator of infrastructure lost: `casus.effect.v1`. What is unknown is left out, never zero.
public struct Effect: Payload, Hashable {
  public static let type = EventType.effect

  /// The operator's own number of the report: a later report of the same supersedes.
  public var report: String
  public var kind: EffectKind
  public var title: String
  /// Who reports.
  public var operatorName: String
  /// ISO 3166-1 alpha-2.
  public var nation: String?
  public var sector: Sector?
  public var service: Service?
  public var asset: Asset?
  /// When it began.
  public var started: Timestamp
  /// When it was over.
  public var ended: Timestamp?
  /// When it is expected to be over, as long as it isn't.
  public var expectedRestoration: Timestamp?
  /// When the operator said so.
  public var reported: Timestamp
  /// Users or customers.
  public var usersAffected: Estimate?
  public var capacityLost: [Capacity]
  /// Records lost, altered or stolen.
  public var recordsAffected: Estimate?
  public var money: Money?
  public var casualties: Casualties?
  public var physicalDamage: PhysicalDamage?
  public var workaround: Workaround?
  public var cause: RootCause
  public var domain: Domain?
  public var summary: String?
  public var raw: Excerpt?
  /// Why it is taken back, when it is: with `supersedes`, the report named there counts for nothing any more.
  public var withdrawal: String?
  public var admiralty: Admiralty?
  public var refs: [EventReference]?
  public var supersedes: EventReference?

  public init(
    report: String, kind: EffectKind, title: String, operatorName: String, nation: String? = nil,
    sector: Sector? = nil, service: Service? = nil, asset: Asset? = nil, started: Timestamp, ended: Timestamp? = nil,
    expectedRestoration: Timestamp? = nil, reported: Timestamp, usersAffected: Estimate? = nil,
    capacityLost: [Capacity] = [], recordsAffected: Estimate? = nil, money: Money? = nil,
    casualties: Casualties? = nil, physicalDamage: PhysicalDamage? = nil, workaround: Workaround? = nil,
    cause: RootCause = .unknown, domain: Domain? = nil, summary: String? = nil, raw: Excerpt? = nil,
    withdrawal: String? = nil, admiralty: Admiralty? = nil, refs: [EventReference]? = nil,
    supersedes: EventReference? = nil
  ) {
    self.report = report
    self.kind = kind
    self.title = title
    self.operatorName = operatorName
    self.nation = nation
    self.sector = sector
    self.service = service
    self.asset = asset
    self.started = started
    self.ended = ended
    self.expectedRestoration = expectedRestoration
    self.reported = reported
    self.usersAffected = usersAffected
    self.capacityLost = capacityLost
    self.recordsAffected = recordsAffected
    self.money = money
    self.casualties = casualties
    self.physicalDamage = physicalDamage
    self.workaround = workaround
    self.cause = cause
    self.domain = domain
    self.summary = summary
    self.raw = raw
    self.withdrawal = withdrawal
    self.admiralty = admiralty
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case report, kind, title
    case operatorName = "operator"
    case nation, sector, service, asset, started, ended
    case expectedRestoration = "expected_restoration"
    case reported
    case usersAffected = "users_affected"
    case capacityLost = "capacity_lost"
    case recordsAffected = "records_affected"
    case money, casualties
    case physicalDamage = "physical_damage"
    case workaround, cause, domain, summary, raw, withdrawal, admiralty, refs, supersedes
  }
}
