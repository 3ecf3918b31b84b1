public import CasusEvents

/// What a plugin tells the broker of itself when it connects.
public struct Manifest: Sendable {
  /// The program's name, `suricata-sensor` (not the plugin's identity, which its key gives).
  public var program: String
  public var version: String
  /// One sentence for people.
  public var summary: String
  public var publishes: [EventType]
  /// Type patterns: `*` stands for one word, a last `>` for one or more: `casus.*.v1`, `casus.bus.>`.
  public var subscribes: [String]

  public init(program: String, version: String, summary: String, publishes: [EventType], subscribes: [String]) {
    self.program = program
    self.version = version
    self.summary = summary
    self.publishes = publishes
    self.subscribes = subscribes
  }
}
