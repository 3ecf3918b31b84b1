import Assessment
import CasusEvents

/// Which event: sources never share ids, and nobody takes back what another said.
struct ItemKey: Codable, Hashable, Comparable, Sendable {
  var source: String
  var id: String

  static func < (a: Self, b: Self) -> Bool { (a.source, a.id) < (b.source, b.id) }
}

/// One piece of evidence, as far as correlating needs it.
struct Item: Codable, Sendable {
  var key: ItemKey
  var reference: EventReference
  /// What later events of the same source replace it by: a finding's uid or a report's number.
  var replacementKey: ItemKey
  var isEffect: Bool
  var first: Timestamp
  var last: Timestamp
  /// The event's own time, for what is derived from it.
  var time: Timestamp
  var title: String
  /// Dependent evidence: what the same rule says twice is said once.
  var analytic: String
  /// OCSF, 0...6; an effect counts as 5.
  var severity: Int
  var techniques: [Technique]
  var software: [Software]
  /// The furthest phase its techniques can mean; nil without one.
  var phase: Phase?
  var asset: Asset?
  /// Whether the asset is one that somebody described, and not just an address.
  var isKnownAsset: Bool
  var victim: Victim?
  var domain: Domain
  var tlp: TLP
  var links: [LinkKey]
  /// Of an effect: the largest of its numbers, each as a share of what can be.
  var size: Double?

  /// Whether this item says all that another said, so that the other can go without a trace.
  func covers(_ other: Item) -> Bool {
    isEffect == other.isEffect && first <= other.first && last >= other.last && analytic == other.analytic
      && severity >= other.severity && asset == other.asset && victim == other.victim && tlp >= other.tlp
      && Set(links).isSuperset(of: other.links)
      && other.techniques.allSatisfy { old in
        techniques.contains { $0.id == old.id && $0.probability >= old.probability }
      }
      && other.software.allSatisfy { old in software.contains(old) }
  }
}

extension Item {
  init(_ detection: Detection, of event: RecordedEvent) {
    let agency = Self.agency(event.envelope.source)
    let scope = detection.asset?.operatorName ?? agency
    let hit = Self.victimAddress(detection.flow)
    key = ItemKey(source: event.envelope.source, id: event.envelope.id)
    reference = event.reference
    replacementKey = ItemKey(source: event.envelope.source, id: "finding " + detection.finding.uid)
    isEffect = false
    first = min(detection.firstSeen, detection.lastSeen)
    last = max(detection.firstSeen, detection.lastSeen)
    time = event.envelope.time ?? last
    title = detection.finding.title
    analytic = detection.finding.analytic.uid ?? detection.finding.analytic.name
    severity = detection.severityID
    techniques = detection.techniques
    software = detection.software
    phase = detection.techniques.compactMap { Phases.phase(of: $0.id) }.max()
    asset = detection.asset ?? hit.map { Asset(id: $0) }
    isKnownAsset = detection.asset != nil
    victim = detection.asset.flatMap { asset in
      asset.operatorName.map { Victim(operatorName: $0, nation: asset.nation, sector: asset.sector) }
    }
    domain = detection.domain
    tlp = event.envelope.tlp
    size = nil
    links = Self.links(of: detection, scope: scope, hit: hit, isInside: (phase ?? .prepare) > .prepare)
  }

  init(_ effect: Effect, of event: RecordedEvent) {
    key = ItemKey(source: event.envelope.source, id: event.envelope.id)
    reference = event.reference
    replacementKey = ItemKey(
      source: event.envelope.source,
      id: "report \(effect.operatorName.utf8.count) \(effect.operatorName) \(effect.report)")
    isEffect = true
    first = effect.started
    last = max(effect.started, effect.reported)
    time = event.envelope.time ?? effect.reported
    title = effect.title
    analytic = "effect"
    severity = 5
    techniques = []
    software = []
    phase = .effect
    asset = effect.asset
    isKnownAsset = effect.asset != nil
    victim = Victim(
      operatorName: effect.operatorName, nation: effect.nation, sector: effect.sector,
      essential: effect.service?.essential)
    domain = effect.domain ?? .cyberspace
    tlp = event.envelope.tlp
    size = Self.size(of: effect.withoutImplausible)
    links = [LinkKey(kind: .operatorName, scope: "", value: effect.operatorName)]
    if let asset = effect.asset {
      links.append(LinkKey(kind: .asset, scope: effect.operatorName, value: asset.id))
    }
  }

  private static func size(of effect: Effect) -> Double {
    func share(
      _ quantity: ImplausibleFigure.Quantity, _ estimate: Estimate?, currency: String? = nil
    ) -> Double {
      (estimate?.upper ?? 0) / Plausibility.most(quantity, nation: effect.nation, currency: currency)
    }
    return [
      share(.users, effect.usersAffected), share(.records, effect.recordsAffected),
      share(.deaths, effect.casualties?.deaths), share(.injured, effect.casualties?.injured),
      share(.money, effect.money?.amount, currency: effect.money?.currency),
    ].reduce(0, max)
  }

  /// `jp.nisc` of `//jp.nisc/suricata-1`.
  private static func agency(_ source: String) -> String {
    source.split(separator: "/").first.map(String.init) ?? source
  }

  /// The address of the end that was hit: the inner one, or the one that was called.
  private static func victimAddress(_ flow: Flow?) -> String? {
    let ends = (source: flow?.source?.ip, destination: flow?.destination?.ip)
    if let destination = ends.destination, AddressScope.isLocal(destination) { return destination }
    if let source = ends.source, AddressScope.isLocal(source) { return source }
    return ends.destination ?? ends.source
  }

  private static func links(of detection: Detection, scope: String, hit: String?, isInside: Bool) -> [LinkKey] {
    var links: Set<LinkKey> = []
    if let asset = detection.asset {
      links.insert(LinkKey(kind: .asset, scope: scope, value: asset.id))
      // Being scanned is everybody's lot: it takes more than that to belong to what goes on at an operator.
      if isInside, let name = asset.operatorName {
        links.insert(LinkKey(kind: .operatorName, scope: "", value: name))
      }
    } else if isInside, let hit {
      links.insert(LinkKey(kind: .network, scope: scope, value: AddressScope.network(hit)))
    }
    for ip in [detection.flow?.source?.ip, detection.flow?.destination?.ip].compactMap({ $0 }) {
      if AddressScope.isLocal(ip) {
        links.insert(LinkKey(kind: .host, scope: scope, value: ip))
      } else if !detection.spoofed {
        links.insert(LinkKey(kind: .indicator, scope: "", value: ip))
      }
    }
    for observable in detection.observables where !detection.spoofed {
      if let value = indicator(observable) { links.insert(LinkKey(kind: .indicator, scope: "", value: value)) }
    }
    return links.sorted()
  }

  /// What few others have: not a user agent, not a file's bare name, not an address inside.
  private static func indicator(_ observable: Observable) -> String? {
    let value = observable.value.lowercased()
    switch observable.kind {
    case .ipAddress: return AddressScope.isLocal(value) ? nil : value
    case .domainName, .hostname:
      if AddressScope.isAddress(value) { return AddressScope.isLocal(value) ? nil : value }
      return value.utf8.contains(UInt8(ascii: ".")) ? value : nil
    case .sha256, .md5, .mutex: return value
    case .emailAddress: return observable.role == "recipient" ? nil : value
    default: return nil
    }
  }
}
