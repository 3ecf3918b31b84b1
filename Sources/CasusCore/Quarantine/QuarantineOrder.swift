internal import CasusWire

/// What a person wants of the quarantines: `action`, which events, and how many of them at a time.
struct QuarantineOrder {
  enum Action: String, CaseIterable {
    case list, show, retry, drop

    var isChange: Bool { self == .retry || self == .drop }
  }

  /// An event's place among all that are in quarantine; as text `jp.nisc/correlator-1#main#120`.
  struct Place: Comparable {
    var identity: String
    var name: String
    var sequence: UInt64

    var text: String { "\(identity)#\(name)#\(sequence)" }

    static func < (a: Place, b: Place) -> Bool {
      (a.identity, a.name, a.sequence) < (b.identity, b.name, b.sequence)
    }
  }

  let action: Action
  /// What to choose by; nil for all.
  let plugin: String?
  let subscription: String?
  let sequence: UInt64?
  /// Where the answer before ended.
  let after: Place?
  let limit: Int

  /// Events of one answer at most.
  static let most = 1_000

  init(_ request: Request) throws(WireError) {
    let parameters = request.parameters
    guard let action = Action(rawValue: parameters["action"] ?? "list") else {
      let all = Action.allCases.map(\.rawValue).joined(separator: ", ")
      throw WireError(.malformedControl, "action must be one of \(all)", pointer: "/parameters/action")
    }
    self.action = action
    plugin = parameters["plugin"]
    subscription = parameters["subscription"]
    sequence = try parameters["sequence"].map { text throws(WireError) in
      guard let sequence = UInt64(text) else {
        throw WireError(.malformedControl, "a sequence is a decimal number", pointer: "/parameters/sequence")
      }
      return sequence
    }
    guard action != .show || sequence != nil else {
      throw WireError(.malformedControl, "show needs a sequence", pointer: "/parameters/sequence")
    }
    after = try parameters["after"].map { text throws(WireError) in
      let parts = text.split(separator: "#", omittingEmptySubsequences: false)
      guard parts.count == 3, let sequence = UInt64(parts[2]) else {
        throw WireError(.malformedControl, "after is what an answer said as next", pointer: "/parameters/after")
      }
      return Place(identity: String(parts[0]), name: String(parts[1]), sequence: sequence)
    }
    guard let limit = Int(parameters["limit"] ?? "\(Self.most)"), (1...Self.most).contains(limit) else {
      throw WireError(.malformedControl, "limit is from 1 to \(Self.most)", pointer: "/parameters/limit")
    }
    self.limit = limit
  }

  func wants(_ identity: String, _ name: String) -> Bool {
    (plugin ?? identity) == identity && (subscription ?? name) == name
      && after.map { ($0.identity, $0.name) <= (identity, name) } ?? true
  }

  /// The sequence behind which a subscription's events are wanted.
  func after(_ identity: String, _ name: String) -> UInt64 {
    guard let after, after.identity == identity, after.name == name else { return 0 }
    return after.sequence
  }
}
