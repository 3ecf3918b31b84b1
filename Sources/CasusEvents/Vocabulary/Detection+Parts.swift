/// How an analytic finds (OCSF's analytic types).
public enum AnalyticKind: String, Codable, CaseIterable, Sendable {
  case rule
  case behavioral
  case statistical
  case learning
  case unknown
}

/// The rule or model that found something.
public struct Analytic: Codable, Hashable, Sendable {
  public var name: String
  public var kind: AnalyticKind
  /// `suricata:1:2027865`.
  public var uid: String?
  public var version: String?

  public init(
    name: String, kind: AnalyticKind = .rule, uid: String? = nil, version: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.uid = uid
    self.version = version
  }
}

/// What was found, and by what.
public struct Finding: Codable, Hashable, Sendable {
  /// Stable: the same finding read twice has the same uid.
  public var uid: String
  public var title: String
  public var analytic: Analytic
  public var summary: String?

  public init(
    uid: String, title: String, analytic: Analytic, summary: String? = nil
  ) {
    self.uid = uid
    self.title = title
    self.analytic = analytic
    self.summary = summary
  }
}

/// What an observable is.
public enum ObservableKind: String, Codable, CaseIterable, Sendable {
  case ipAddress = "ip-address"
  case hostname
  case domainName = "domain-name"
  case url
  case fileName = "file-name"
  case sha256
  case md5
  case emailAddress = "email-address"
  case userName = "user-name"
  case processName = "process-name"
  case userAgent = "user-agent"
  case certificate
  case ja3
  case ja4
  case macAddress = "mac-address"
  case mutex
  case registryKey = "registry-key"
  case other
}

/// Something seen that can be looked for elsewhere.
public struct Observable: Codable, Hashable, Sendable {
  public var kind: ObservableKind
  public var value: String
  /// `source`, `destination`, `attachment`, …
  public var role: String?

  public init(
    kind: ObservableKind, value: String, role: String? = nil
  ) {
    self.kind = kind
    self.value = value
    self.role = role
  }
}

/// One end of a flow.
public struct Endpoint: Codable, Hashable, Sendable {
  /// IPv4 or IPv6 in text form.
  public var ip: String?
  public var port: Int?
  public var hostname: String?

  public init(
    ip: String? = nil, port: Int? = nil, hostname: String? = nil
  ) {
    self.ip = ip
    self.port = port
    self.hostname = hostname
  }
}

/// The traffic in which something was seen.
public struct Flow: Codable, Hashable, Sendable {
  /// Who opened it.
  public var source: Endpoint?
  public var destination: Endpoint?
  /// `tcp`, `udp`, `icmp`.
  public var transport: String?
  /// `dnp3`, `modbus`, `smb`, …
  public var application: String?
  /// Community ID v1, to find the same flow in other sensors' logs.
  public var communityID: String?

  public init(
    source: Endpoint? = nil, destination: Endpoint? = nil, transport: String? = nil, application: String? = nil,
    communityID: String? = nil
  ) {
    self.source = source
    self.destination = destination
    self.transport = transport
    self.application = application
    self.communityID = communityID
  }

  enum CodingKeys: String, CodingKey {
    case source, destination, transport, application
    case communityID = "community_id"
  }
}

/// The sensor's own record, or its beginning, and the digest of the whole.
public struct Excerpt: Codable, Hashable, Sendable {
  public var text: String
  /// Of the whole record's bytes.
  public var sha256: String
  /// Whether `text` is only the beginning.
  public var truncated: Bool
  /// File and line, `eve.json:1042`.
  public var origin: String?

  public init(
    text: String, sha256: String, truncated: Bool = false, origin: String? = nil
  ) {
    self.text = text
    self.sha256 = sha256
    self.truncated = truncated
    self.origin = origin
  }
}

/// How grave a finding is: OCSF's `severity_id`.
public enum Severity: Int, CaseIterable, Sendable {
  case unknown, informational, low, medium, high, critical, fatal

  public var name: String { "\(self)" }
}
