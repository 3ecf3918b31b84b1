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
