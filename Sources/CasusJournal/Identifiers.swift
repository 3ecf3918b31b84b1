/// A type with one edition of its schema as a small number, good as long as the journal is open.
///
/// One type has several when its schema changed in the journal's life.
public struct EditionID: Hashable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
}
