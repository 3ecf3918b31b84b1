internal import CasusConfiguration
internal import CasusNames
internal import SystemFiles
internal import ZeroMQ

extension KeyFile {
  /// Reads a key file, or makes the pair and the file (mode 0600) with its folder when there is none.
  static func make(_ path: String, name: String) throws(LaunchError) -> KeyFile {
    do throws(KeyFileError) {
      if Files.exists(path) { return try read(path) }
    } catch {
      throw LaunchError(.init(error), "\(error)")
    }
    try HomeFiles.makeFolder(Files.folder(of: path))
    do {
      let file = KeyFile(comment: "casus key \(name)", keys: try CurveKeyPair.generate())
      try file.write(path)
      return file
    } catch let error as KeyFileError {
      throw LaunchError(.init(.init(writing: error)), "\(error)")
    } catch {
      throw LaunchError(.init(.program), "\(error)")
    }
  }
}
