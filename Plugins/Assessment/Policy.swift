public import CasusPlugin

/// Numbers that an agency chooses and answers for. All have defaults; a settings file names only what differs.
public protocol Policy: Codable, Sendable {
  init()
  /// Reports every number that lies outside its range.
  func check(_ faults: PolicyFaults)
}

/// Hears what is wrong with a policy, each by its dotted path: `dominance.minimum`.
public struct PolicyFaults {
  private let hear: (_ path: String, _ message: String) -> Void

  public init(_ hear: @escaping (_ path: String, _ message: String) -> Void) { self.hear = hear }

  public func report(_ path: String, _ message: String) { hear(path, message) }

  /// A value outside of its range.
  public func require(_ path: String, _ value: Double, in range: ClosedRange<Double>) {
    guard !range.contains(value) else { return }
    report(path, "\(value) is not between \(range.lowerBound) and \(range.upperBound)")
  }

  /// A name that is empty, longer than 200 bytes or not one line: it stands in events.
  public func requireLine(_ path: String, _ value: String) {
    guard !(1...200).contains(value.utf8.count) || !value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return }
    report(path, "must be one line of at most 200 bytes")
  }
}

extension Policy {
  /// A policy as its settings file has it. Throws `BusError.configuration` with every fault, each at its place.
  public static func read(_ settings: Settings) throws(BusError) -> Self {
    try settings.decode(over: Self()) { policy, report in
      policy.check(PolicyFaults(report))
    }
  }
}
