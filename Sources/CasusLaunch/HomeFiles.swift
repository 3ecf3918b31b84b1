internal import CasusConfiguration
internal import CasusNames
internal import Glibc
internal import SystemFiles

/// The files of a home and a topology: `SystemFiles`, with the exit code that a failure means for a launch.
enum HomeFiles {
  static func read(_ path: String) throws(LaunchError) -> String {
    do throws(SystemError) { return try Files.text(path) } catch {
      throw LaunchError(.init(reading: error), error.description)
    }
  }

  /// A reader sees the old text or the new one, whole; not synced, as everything here is written anew at each start.
  static func write(_ text: String, to path: String, mode: mode_t = 0o600) throws(LaunchError) {
    do throws(SystemError) {
      try Files.replace(path, with: text.utf8, mode: mode, sync: false)
    } catch {
      throw LaunchError(.init(writing: error), error.description)
    }
  }

  static func makeFolder(_ path: String) throws(LaunchError) {
    do throws(SystemError) { try Files.makeFolder(path) } catch {
      throw LaunchError(.init(writing: error), error.description)
    }
  }

  /// The names in a folder; none when it cannot be read.
  static func names(in folder: String) -> [String] { (try? Files.names(in: folder)) ?? [] }
}
