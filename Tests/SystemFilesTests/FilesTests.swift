import Glibc
import SystemFiles
import TestSupport
import Testing

@Suite struct FilesTests {
  private let folder = TemporaryFolder()

  @Test func `a file is read whole and not beyond its bound`() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
    try Files.create(folder.file("a"), with: bytes, mode: 0o600)
    #expect(try Files.read(folder.file("a")) == bytes)
    #expect(try Files.read(folder.file("a"), atMost: bytes.count) == bytes)
    let error = #expect(throws: SystemError.self) { try Files.read(folder.file("a"), atMost: bytes.count - 1) }
    #expect(error?.code == EFBIG)
  }

  @Test func `a file that does not say its size is read to its end`() throws {
    #expect(try Files.read("/proc/self/maps").count > 4096)
    #expect(#expect(throws: SystemError.self) { try Files.read("/dev/zero", atMost: 10_000) }?.code == EFBIG)
  }

  @Test func `a folder that others may write or own is named`() throws {
    try Files.makeFolder(folder.file("own"))
    #expect(Files.othersMayChange(folder.file("own")) == nil)
    // What is not there yet would stand in what is.
    #expect(Files.othersMayChange(folder.file("own/not/yet")) == nil)
    #expect(chmod(folder.file("own"), 0o777) == 0)
    #expect(Files.othersMayChange(folder.file("own"))?.contains("may be written by others (mode 777)") == true)
    #expect(Files.othersMayChange(folder.file("own/not/yet"))?.contains("may be written by others") == true)
    // Everybody's, but each one's own stays their own: as a home it is none, above one it may stand.
    #expect(chmod(folder.file("own"), 0o1777) == 0)
    #expect(Files.othersMayChange(folder.file("own")) != nil)
    try Files.makeFolder(folder.file("own/home"))
    #expect(Files.othersMayChange(folder.file("own/home")) == nil)
    #expect(symlink(folder.file("own"), folder.file("link")) == 0)
    #expect(Files.othersMayChange(folder.file("link")) != nil)
    if geteuid() == 0 {
      #expect(chown(folder.file("own"), 12345, 12345) == 0 && chmod(folder.file("own"), 0o755) == 0)
      #expect(Files.othersMayChange(folder.file("own/home"))?.contains("belongs to another user (12345)") == true)
    }
  }

  @Test func `what is missing is said with its path`() {
    let error = #expect(throws: SystemError.self) { try Files.read(folder.file("none")) }
    #expect(error?.isMissing == true)
    #expect(error?.description == "cannot read \(folder.path)/none: No such file or directory")
    #expect(throws: SystemError.self) { try Files.read(folder.path) }
    #expect(throws: SystemError.self) { try Files.names(in: folder.file("none")) }
  }

  @Test func `a new file never takes anothers place`() throws {
    try Files.create(folder.file("a"), with: "one".utf8, mode: 0o644)
    let error = #expect(throws: SystemError.self) { try Files.create(folder.file("a"), with: "two".utf8, mode: 0o644) }
    #expect(error?.code == EEXIST)
    #expect(try Files.text(folder.file("a")) == "one")
  }

  @Test func `a replaced file keeps its mode and leaves nothing beside`() throws {
    let path = folder.file("a")
    try Files.replace(path, with: "one".utf8)
    #expect(Files.mode(path) == 0o600)
    chmod(path, 0o640)
    try Files.replace(path, with: "two".utf8)
    #expect(Files.mode(path) == 0o640)
    try Files.replace(path, with: "three".utf8, mode: 0o644, sync: false)
    #expect(Files.mode(path) == 0o644)
    #expect(try Files.text(path) == "three")
    #expect(try Files.names(in: folder.path) == ["a"])
  }

  @Test func `what an ended writer left beside is no obstacle`() throws {
    try Files.create(folder.file("a.\(getpid()).new"), with: "half".utf8, mode: 0o600)
    try Files.replace(folder.file("a"), with: "whole".utf8)
    #expect(try Files.text(folder.file("a")) == "whole")
  }

  @Test func `a folder that is not there is named when a file cannot be replaced`() {
    let error = #expect(throws: SystemError.self) { try Files.replace(folder.file("none/a"), with: "x".utf8) }
    #expect(error?.description == "cannot write \(folder.path)/none/a: No such file or directory")
  }

  @Test func `paths are made absolute`() {
    #expect(Files.absolute("/a/b") == "/a/b")
    #expect(Files.absolute("./a").hasSuffix("/a") && Files.absolute("a").hasPrefix("/"))
    #expect(Files.folder(of: "/a") == "/" && Files.folder(of: "/a/b") == "/a")
  }
}
