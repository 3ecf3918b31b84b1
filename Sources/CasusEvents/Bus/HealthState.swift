/// A plugin's own word on its health, shown by `casus status`.
public enum HealthState: String, CaseIterable, Hashable, Sendable {
  /// Does its work.
  case ok
  /// Does part of it, or with an error that an operator should look at.
  case degraded
  /// Does not do its work.
  case failing
}
