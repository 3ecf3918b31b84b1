import Assessment
import CasusPlugin
import Foundation

/// A policy out of a settings file with this text.
func read<P: Policy>(_ type: P.Type, _ text: String) throws -> P {
  let file = FileManager.default.temporaryDirectory.appendingPathComponent("settings-\(UUID().uuidString).json")
  try Data(text.utf8).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try P.read(Settings(path: file.path, stateDirectory: "/", identity: "xx.exercise/tester"))
}

/// Everything that is wrong with such a file, in its order, without the file's name.
func faults<P: Policy>(_ type: P.Type, _ text: String) throws -> [String] {
  do {
    _ = try read(type, text)
    return []
  } catch let error as BusError {
    return error.message.split(separator: "\n").map { line in
      line.firstRange(of: ".json:").map { String(line[$0.upperBound...]) } ?? String(line)
    }
  }
}
