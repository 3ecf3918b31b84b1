import CasusTestKit
import Foundation
import Glibc

/// A process of the product under test.
typealias RealProcess = TestProcess

extension TestProcess {
  /// Where `swift build` puts the programs.
  static let programs = URL(filePath: (try? Programs.path(of: "casusd")) ?? "").deletingLastPathComponent().path
}

/// An end for what would otherwise be waited for without one: a test that runs on a thread of its own is not ended by its
/// suite's time limit. It only has to be far away.
struct Deadline {
  private let what: String
  private let end: Date

  init(_ what: String, seconds: Double = 120) {
    self.what = what
    end = Date().addingTimeInterval(seconds)
  }

  func check() throws {
    guard Date() < end else { throw Failure("waited in vain for \(what)") }
  }

  func pause(microseconds: UInt32) throws {
    try check()
    usleep(microseconds)
  }
}

/// Looks every few milliseconds whether it is so; throws when it never is.
func awaitCondition(_ what: String, _ isSo: () throws -> Bool) throws {
  let deadline = Deadline(what)
  while try !isSo() { try deadline.pause(microseconds: 5_000) }
}

struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
