/// Whose place an event may take: the one rule that the broker and every reader ask before something is superseded, withdrawn
/// or revised.
///
/// What one says is its own to take back. Of its agency it is where the broker's registry says so (role `revise`): a reader,
/// who does not know the registry, takes the broker's word for that. Across agencies it never is.
public enum Succession: Sendable {
  case own, agency
  /// Another agency's. Who doubts it publishes a dispute.
  case foreign

  /// What a source is to the one that published the earlier event. Both as an event has them: `//jp.nisc/suricata-1`. Compared by
  /// their bytes; allocates nothing.
  public init(of source: some Collection<UInt8>, to owner: some Collection<UInt8>) {
    if source.elementsEqual(owner) {
      self = .own
      return
    }
    // Behind the two slashes the agency ends with the next one.
    var ours = source.makeIterator()
    var slashes = 0
    for byte in owner {
      guard ours.next() == byte else { break }
      if byte == UInt8(ascii: "/") { slashes += 1 }
      if slashes == 3 {
        self = .agency
        return
      }
    }
    self = .foreign
  }

  /// Whether a reader lets an event of this source take the place of one of that source.
  public static func allows(_ source: String, toReplace owner: String) -> Bool {
    Succession(of: source.utf8, to: owner.utf8) != .foreign
  }
}

/// Where an event comes from, as far as it matters to whose place it takes: its source, and the marks of its stamp.
///
/// Marks divide worlds: what is corrected in an exercise or in a replay is not corrected for real.
public struct Origin: Hashable, Sendable {
  public let source: String
  public let marks: StampFlags

  public init(source: String, marks: StampFlags) {
    self.source = source
    self.marks = marks.marks
  }

  /// Whether an event from here takes the place of one from there: where its source may, and where both are marked alike.
  public func mayReplace(_ earlier: Origin) -> Bool {
    marks == earlier.marks && Succession.allows(source, toReplace: earlier.source)
  }

  /// Whether both speak for the same: one source, and marked alike.
  public func isOwn(of other: Origin) -> Bool {
    marks == other.marks && Succession(of: source.utf8, to: other.source.utf8) == .own
  }
}

extension RecordedEvent {
  public var origin: Origin { Origin(source: envelope.source, marks: stamp.flags) }
}
