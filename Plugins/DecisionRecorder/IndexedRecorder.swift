import CaseIndex
import CasusCases
import CasusEvents

/// The recorder over an index of the journal: each case by itself, out of the part of the journal that it needs. So neither its
/// memory nor its start grow with the journal.
///
/// What it answers is what the recorder over the whole journal answers. An event that comes again is answered again, as the journal
/// was then.
struct IndexedRecorder: Sendable {
  /// A case that was looked at lately, and how far.
  private struct Known: Sendable {
    var recorder: Recorder
    var through: UInt64 = 0
    var named: Set<SHA256Digest> = []
  }

  private static let mostKnown = 64
  /// Events that are added together, where none is a case's.
  private static let mostWaiting = (events: 1024, bytes: 8 << 20)

  private let index: CaseIndex
  private let policies: [CasePolicy]
  private let identity: String
  private var waiting: [RecordedEvent] = []
  private var waitingBytes = 0
  private var known: [String: Known] = [:]
  /// The cases that are known, the last one that was looked at at the end.
  private var order: [String] = []

  init(_ index: CaseIndex, policies: [CasePolicy], identity: String) {
    self.index = index
    self.policies = policies
    self.identity = identity
  }

  /// Throws where the index cannot be written or read: the event is not processed then, and comes again.
  mutating func handle(_ event: RecordedEvent) throws -> [Draft] {
    let sequence = event.stamp.sequence
    // What could not be written comes again: it must not come on top.
    if waiting.count >= Self.mostWaiting.events || waitingBytes >= Self.mostWaiting.bytes { try write() }
    if sequence > waiting.last?.stamp.sequence ?? index.last?.sequence ?? 0 {
      waiting.append(event.detached())
      waitingBytes += event.withUnsafeBytes(\.count)
    }
    guard let caseID = try Recorder.caseID(of: event) else {
      return []
    }
    try write()
    return try answer(caseID, through: sequence)
  }

  private mutating func write() throws {
    try index.add(waiting)
    waiting.removeAll(keepingCapacity: true)
    waitingBytes = 0
  }

  private mutating func answer(_ caseID: String, through sequence: UInt64) throws -> [Draft] {
    var kept = known.removeValue(forKey: caseID) ?? Known(recorder: Recorder(policies: policies, identity: identity))
    order.removeAll { $0 == caseID }
    if kept.through >= sequence { kept = Known(recorder: Recorder(policies: policies, identity: identity)) }
    let plan = try CaseSlicePlan(
      cases: [caseID], in: index, content: .none, window: .init(after: kept.through, through: sequence),
      named: kept.named)
    let drafts = try kept.recorder.take(plan.ordered, on: try plan.history(from: index), last: index.last)
    kept.through = sequence
    kept.named = plan.named
    // What is no case yet is looked at anew: it may be opened on an incident of which much has come before.
    guard kept.recorder.projection.cases[caseID] != nil else { return drafts }
    known[caseID] = kept
    order.append(caseID)
    if order.count > Self.mostKnown { known[order.removeFirst()] = nil }
    return drafts
  }
}
