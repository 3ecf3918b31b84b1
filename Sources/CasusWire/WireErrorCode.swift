/// A refusal's number and name, one of `errors.json`'s, which other languages read too.
///
/// The numbers never change their meaning: 1xx the message, 2xx identity and permission, 3xx the event,
/// 4xx subscriptions and requests, 5xx the broker.
public enum WireErrorCode: Int, CaseIterable, Sendable {
  case malformedFrames = 100
  case malformedControl = 101
  case unknownCommand = 102
  case malformedBatch = 103
  case noSession = 104
  case protocolVersion = 105
  case batchTooLarge = 106
  case windowExceeded = 107
  case flooding = 108
  case unauthenticated = 200
  case identityMismatch = 201
  case keyRevoked = 202
  case typeNotPermitted = 203
  case sourceForeign = 204
  case roleRequired = 205
  case subscriptionNotPermitted = 206
  case superseded = 207
  case prefixForeign = 208
  case groupNotPermitted = 209
  case replayNotAccepted = 210
  case foreignRevision = 211
  case notJSON = 300
  case notCloudEvent = 301
  case unknownType = 302
  case schema = 303
  case eventTooLarge = 304
  case idReused = 305
  case unmarked = 306
  case tooCostly = 307
  case unknownSubscription = 400
  case badPattern = 401
  case subscriptionInUse = 402
  case tooManySubscriptions = 403
  case sequenceGone = 404
  case unknownRequest = 405
  case schemaRefused = 406
  case schemaIncompatible = 407
  case notQuarantined = 408
  case groupDiffers = 409
  case tooSlow = 410
  case `internal` = 500
  case diskFull = 501
  case stopping = 502
  case busy = 503
  case notStaged = 504
  case journalHeldUp = 505

  /// The name on the wire, `schema`.
  public var name: String { ErrorTable.shared[self].name }
  /// One sentence for people.
  public var summary: String { ErrorTable.shared[self].summary }
  /// What to do about it.
  public var advice: String { ErrorTable.shared[self].advice }
  /// Whether the same bytes may be accepted later.
  public var isRetriable: Bool { ErrorTable.shared[self].retriable }
}
