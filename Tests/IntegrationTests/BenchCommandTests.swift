import CasusTestKit
import Foundation
import Glibc
import TestSupport
import Testing

/// `casus bench` is a program of its own, which most installations do not have.
@Suite(.blocking, .timeLimit(.minutes(15))) struct BenchCommandTests {
  @Test func `without the measuring program it is said how to build it`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("casus-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The command alone, as it is installed.
    let installed = "\(folder)/casus"
    if link("\(RealProcess.programs)/casus", installed) != 0 {
      try FileManager.default.copyItem(atPath: "\(RealProcess.programs)/casus", toPath: installed)
    }
    for arguments in [["bench"], ["bench", "--help"], ["bench", "--publishers", "4"]] {
      let process = try RealProcess(installed, arguments, folder: folder)
      #expect(process.wait().code == 66)
      #expect(process.printed.contains("\(folder)/casus-bench is built by deploy/build-tools"))
    }
  }
}
