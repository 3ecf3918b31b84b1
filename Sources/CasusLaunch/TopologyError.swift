/// Everything that is wrong with a topology, a line each: `demo.yaml:12:5: unknown key "publsh" …`.
public struct TopologyError: Error, Hashable, CustomStringConvertible {
  public struct Problem: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var file: String
    /// From 1; absent when the file as a whole is meant.
    public var line: Int?
    public var column: Int?
    public var message: String

    public var description: String {
      [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":") + ": " + message
    }

    public static func < (a: Self, b: Self) -> Bool { (a.line ?? 0, a.column ?? 0) < (b.line ?? 0, b.column ?? 0) }
  }

  /// In the order of the file; never empty.
  public var problems: [Problem]

  public init(_ problems: [Problem]) { self.problems = problems.sorted() }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
