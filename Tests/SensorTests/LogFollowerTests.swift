import CasusSensor
import Foundation
import SeededRandom
import TestSupport
import Testing

@Suite("Following a log") struct LogFollowerTests {
  private let scratch: TemporaryFolder
  private var path: String { scratch.file("eve.json") }

  init() throws { scratch = TemporaryFolder() }

  /// Everything there is to read now.
  private func drain(_ follower: inout LogFollower, now: Double = 0) throws -> [String] {
    var lines: [String] = []
    while true {
      let portion = try follower.read(now: now)
      lines += portion.lines.map(\.text)
      if portion.isAtEnd { return lines }
    }
  }

  @Test
  func `waits for a file that isn't there yet`() throws {
    var follower = try LogFollower(path: path)
    #expect(!follower.hasFile)
    #expect(try drain(&follower) == [])
    try scratch.append("eve.json", "a\n".utf8)
    let portion = try follower.read(now: 1)
    #expect(portion.lines.map(\.text) == ["a"])
    #expect(portion.notes == ["appeared"])
    #expect(follower.hasFile)
  }

  @Test
  func `reads a renamed file to its end before the new one, and what its writer still adds`() throws {
    try scratch.append("eve.json", "a\nb".utf8)
    var follower = try LogFollower(path: path, grace: 5)
    #expect(try drain(&follower) == ["a"])
    try scratch.append("eve.json", "b\nc\n".utf8)
    try scratch.rename("eve.json", "eve.json.1")
    try scratch.append("eve.json", "d\n".utf8)
    #expect(try drain(&follower, now: 1) == ["bb", "c", "d"])
    try scratch.append("eve.json.1", "late\n".utf8)
    #expect(try drain(&follower, now: 3) == ["late"])
    try scratch.append("eve.json.1", "unfinished".utf8)
    #expect(try drain(&follower, now: 4) == [])
    #expect(try drain(&follower, now: 10) == ["unfinished"])
  }

  @Test
  func `finds files that came and went between two looks, whatever happened to be there before`() throws {
    try scratch.write("eve.json.9", "ancient\n")
    try scratch.write("eve.json", "a\n")
    var follower = try LogFollower(path: path, grace: 5)
    #expect(try drain(&follower) == ["a"])
    for (number, name) in ["b", "c", "d"].enumerated() {
      try scratch.rename("eve.json", "eve.json.\(number)")
      try scratch.write("eve.json", name + "\n")
    }
    #expect(try drain(&follower, now: 1).sorted() == ["b", "c", "d"])
    #expect(try drain(&follower, now: 20) == [])
    try scratch.rename("eve.json", "eve.json.3")
    try scratch.write("eve.json", "e\n")
    #expect(try drain(&follower, now: 21) == ["e"])
  }

  @Test
  func `starts again when the file is cut, also when it has grown past the old place since`() throws {
    try scratch.append("eve.json", "first line\nsecond\n".utf8)
    var follower = try LogFollower(path: path)
    #expect(try drain(&follower) == ["first line", "second"])
    try scratch.truncate("eve.json")
    try scratch.append("eve.json", "x\n".utf8)
    #expect(try drain(&follower) == ["x"])
    try scratch.truncate("eve.json")
    try scratch.append("eve.json", "something much longer than what was there before\n".utf8)
    #expect(try drain(&follower) == ["something much longer than what was there before"])
  }

  @Test
  func `goes on after a restart where it stopped`() throws {
    try scratch.append("eve.json", "a\nb\nhal".utf8)
    var follower = try LogFollower(path: path)
    #expect(try drain(&follower) == ["a", "b"])
    let positions = follower.positions
    try scratch.append("eve.json", "f\nc\n".utf8)
    var next = try LogFollower(path: path, positions: positions)
    #expect(try drain(&next) == ["half", "c"])
    #expect(next.positions.first?.line == 4)
  }

  @Test
  func `finds what was rotated away while it was down, several times over, and leaves older files alone`() throws {
    try scratch.write("eve.json.2", "ancient\n")
    try scratch.append("eve.json", "a\nb\n".utf8)
    var follower = try LogFollower(path: path)
    #expect(try follower.read(limit: 2, now: 0).lines.map(\.text) == ["a"])
    let positions = follower.positions
    try age("eve.json.2", by: 300)
    try scratch.rename("eve.json", "eve.json-1")
    try age("eve.json-1", by: 200)
    try scratch.write("eve.json-2", "c\n")
    try age("eve.json-2", by: 100)
    try scratch.write("eve.json-3.gz", "not text\n")
    try scratch.write("eve.json", "d\n")
    var next = try LogFollower(path: path, positions: positions)
    #expect(try drain(&next) == ["b", "c", "d"])
  }

  @Test
  func `reads from the beginning when the file was replaced while it was down`() throws {
    try scratch.append("eve.json", "a\nb\n".utf8)
    var follower = try LogFollower(path: path)
    _ = try drain(&follower)
    let positions = follower.positions
    try scratch.truncate("eve.json")
    try scratch.append("eve.json", "quite another text\n".utf8)
    var next = try LogFollower(path: path, positions: positions)
    #expect(try drain(&next) == ["quite another text"])
  }

  @Test
  func `says why a log cannot be read`() throws {
    #expect {
      _ = try LogFollower(path: scratch.path)
    } throws: {
      "\($0)".contains("regular file")
    }
  }

  private func age(_ name: String, by seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: scratch.file(name))
  }
}

/// A writer and a reader that take turns at random: the writer appends whole lines and parts of lines, rotates by rename
/// and by truncation at any point; the reader stops and starts again.
@Suite("A log under random rotation") struct LogRotationProperties {
  @Test(arguments: 0..<60)
  func `loses no line and repeats none, whenever it is renamed and wherever the reader restarts`(seed: Int) throws {
    let scratch = TemporaryFolder()
    var dice = SeededGenerator(seed: UInt64(seed))
    var written: [String] = []
    var read: [String] = []
    var pending: [UInt8] = []
    var rotations = 0
    var clock = 0.0
    try scratch.write("log", "")
    var follower = try LogFollower(path: scratch.file("log"), grace: 1)
    func finishLine() throws {
      guard !pending.isEmpty else { return }
      try scratch.append("log", pending)
      pending = []
    }
    for step in 0..<120 {
      clock += 0.1
      switch Int.random(in: 0..<10, using: &dice) {
      case 0...3:
        try finishLine()
        let line = "line \(step) " + String(repeating: "y", count: Int.random(in: 0...300, using: &dice))
        written.append(line)
        let bytes = Array((line + "\n").utf8)
        let cut = Int.random(in: 0...bytes.count, using: &dice)
        try scratch.append("log", bytes[..<cut])
        pending = Array(bytes[cut...])
      case 4 where FileManager.default.fileExists(atPath: scratch.file("log")):
        // The writer finishes its line in the file it has open, under whatever name.
        let rest = pending
        pending = []
        rotations += 1
        try scratch.rename("log", "log.\(1000 + rotations)")
        try scratch.append("log.\(1000 + rotations)", rest)
        if Bool.random(using: &dice) { try scratch.write("log", "") }
      case 5:
        let positions = follower.positions
        follower = try LogFollower(path: scratch.file("log"), positions: positions, grace: 1)
      default:
        read += try follower.read(limit: Int.random(in: 1...500, using: &dice), now: clock).lines.map(\.text)
      }
    }
    try finishLine()
    var idle = 0
    while idle < 40 {
      clock += 0.1
      let portion = try follower.read(now: clock)
      read += portion.lines.map(\.text)
      idle = portion.isAtEnd ? idle + 1 : 0
    }
    #expect(read.sorted() == written.sorted())
    #expect(Set(read).count == read.count)
  }

  @Test(arguments: 0..<40)
  func `loses nothing that could be read when it is truncated`(seed: Int) throws {
    let scratch = TemporaryFolder()
    var dice = SeededGenerator(seed: UInt64(seed))
    var written: [String] = []
    var read: [String] = []
    try scratch.write("log", "")
    var follower = try LogFollower(path: scratch.file("log"))
    func drain() throws {
      while true {
        let portion = try follower.read(limit: Int.random(in: 1...90, using: &dice), now: 0)
        read += portion.lines.map(\.text)
        if portion.isAtEnd { return }
      }
    }
    for step in 0..<60 {
      if Int.random(in: 0..<5, using: &dice) == 0 {
        // copytruncate's own gap, between the last read and the cut, is the one thing nobody can close.
        try drain()
        try scratch.truncate("log")
      } else {
        written.append("line \(seed) \(step)")
        try scratch.append("log", "line \(seed) \(step)\n".utf8)
      }
      if Bool.random(using: &dice) { try drain() }
    }
    try drain()
    #expect(read == written)
  }
}
