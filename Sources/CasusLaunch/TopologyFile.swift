import SystemFiles

/// Reads a topology's file.
public enum TopologyFile {
  /// - Parameters:
  ///   - path: absolute, or relative to the working directory.
  ///   - environment: what `${NAME}` in it may name.
  /// - Throws: `LaunchError` when it cannot be read, `ConfigurationError` when it is wrong.
  public static func read(_ path: String, environment: [String: String]) throws -> Topology {
    try TopologyReader.read(
      yaml: HomeFiles.read(path), file: path, folder: Files.folder(of: path), environment: environment)
  }
}
