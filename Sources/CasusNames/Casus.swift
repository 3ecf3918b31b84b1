/// What is true of all programs of Casus.
public enum Casus {
  /// The version of the programs, the SDK and the Python client.
  public static let version = "0.2.0"
}
