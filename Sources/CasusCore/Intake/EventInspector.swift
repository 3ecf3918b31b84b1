public import CasusEvents
public import CasusWire

/// What the broker needs to know of an event to route it; the texts point into the inspector's own buffers and are
/// good until it opens the next event.
public struct EventFacts {
  public var id: UnsafeBufferPointer<UInt8>
  public var source: UnsafeBufferPointer<UInt8>
  public var type: UnsafeBufferPointer<UInt8>
  public var time: Timestamp?
  public var exercise: Bool
  public var tlp: TLP

  public init(
    id: UnsafeBufferPointer<UInt8>, source: UnsafeBufferPointer<UInt8>, type: UnsafeBufferPointer<UInt8>,
    time: Timestamp?, exercise: Bool, tlp: TLP
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.time = time
    self.exercise = exercise
    self.tlp = tlp
  }
}

/// An event that another one names: its source and id, in the inspector's buffers.
public struct ReferenceFacts {
  public var source: UnsafeBufferPointer<UInt8>
  public var id: UnsafeBufferPointer<UInt8>
  /// It stands as `supersedes`: the one takes the other's place.
  public var isReplaced: Bool
  /// For `pointer(to:)`.
  public var place: UInt32

  public init(
    source: UnsafeBufferPointer<UInt8>, id: UnsafeBufferPointer<UInt8>, isReplaced: Bool, place: UInt32
  ) {
    self.source = source
    self.id = id
    self.isReplaced = isReplaced
    self.place = place
  }
}

/// Judges events: whether they are I-JSON, CloudEvents, and what their type's schema asks. Each event is parsed once.
public protocol EventInspector {
  /// One edition of a type's schema, compiled.
  associatedtype Edition: Sendable

  /// Events of this type are judged by this edition from now on.
  mutating func adopt(_ edition: Edition, for type: UInt16)

  /// Reads the envelope. Errors: `event-too-large`, `not-json`, `not-cloudevent`.
  mutating func open(_ event: UnsafeRawBufferPointer) throws(WireError) -> EventFacts

  /// The `id` of the event opened last, as far as it could be read, also when opening failed; nil for one that was too large.
  var lastID: String? { get }

  /// Looks for the references in the data of the event opened last: every object there with `source`, `id` and `sha256`, but for
  /// those under the name `about`, which an event speaks of and does not rest on.
  mutating func findReferences(in event: UnsafeRawBufferPointer)
  /// What was found.
  var references: [ReferenceFacts] { get }
  /// Where a reference stands in the event, as a JSON Pointer.
  func pointer(to reference: ReferenceFacts) -> String

  /// A member of the data of the event opened last, where it is a string.
  func text(_ member: StaticString) -> UnsafeBufferPointer<UInt8>?

  /// The steps that judging the event opened last by its schema took so far.
  var lastSteps: Int { get }

  /// Judges the event opened last by the schema of its type. Errors: `unknown-type`, `schema`, `too-costly`.
  mutating func validate(type: UInt16, name: UnsafeBufferPointer<UInt8>) throws(WireError)
}
