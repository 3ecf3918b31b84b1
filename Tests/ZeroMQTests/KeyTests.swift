import Foundation
import SystemFiles
import TestSupport
import Testing
import ZeroMQ

@Suite("A CURVE key")
struct KeyTests {
  // The example of ZeroMQ RFC 32 and the first test key of libzmq's zmq_curve(7).
  @Test func `is written as the specification's example`() {
    let bytes: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
    #expect(Z85.encode(bytes) == "HelloWorld")
    #expect(Z85.decode("HelloWorld") == bytes)
    let client = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
    #expect(CurvePublicKey(z85: client)?.z85 == client)
    let start = CurvePublicKey(z85: client)?.bytes.prefix(4).map { $0 }
    #expect(start == [0xBB, 0x88, 0x47, 0x1D])
  }

  @Test func `belongs to its secret key`() throws {
    let pair = try CurveKeyPair.generate()
    #expect(try CurveKeyPair(secretKey: pair.secretKey).publicKey == pair.publicKey)
    #expect(try CurveKeyPair.generate().publicKey != pair.publicKey)
    #expect(CurvePublicKey(bytes: pair.publicKey.bytes) == pair.publicKey)
  }

  @Test func `does not print its secret half`() throws {
    let pair = try CurveKeyPair.generate()
    var dumped = ""
    dump(pair, to: &dumped)
    for text in ["\(pair)", String(reflecting: pair), dumped] {
      #expect(!text.contains(pair.secretKey.z85))
    }
    var secret = ""
    dump(pair.secretKey, to: &secret)
    #expect(!secret.contains("SIMD4"), "the words of a secret key must not show")
  }

  @Test(arguments: [
    "", "x", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID0",
    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI ", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\n",
    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{h\u{e9}", "#####w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    "\"ne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  ])
  func `that is no key is refused`(text: String) {
    #expect(CurvePublicKey(z85: text) == nil)
    #expect(CurveSecretKey(z85: text) == nil)
  }

  @Test func `needs 32 bytes`() {
    #expect(CurvePublicKey(bytes: []) == nil)
    #expect(CurvePublicKey(bytes: [UInt8](repeating: 0, count: 31)) == nil)
    #expect(CurvePublicKey(bytes: [UInt8](repeating: 255, count: 32))?.z85.utf8.count == 40)
  }
}

@Suite("A key file")
struct KeyFileTests {
  let folder = TemporaryFolder()

  @Test func `is read as it was written, and only its owner can read it`() throws {
    let file = KeyFile(comment: "casus key xx.exercise/sensor-1", keys: try .generate())
    let path = folder.file("key")
    try file.write(path)
    let read = try KeyFile.read(path)
    #expect(read.comment == file.comment)
    #expect(read.keys.publicKey == file.keys.publicKey)
    #expect(read.keys.secretKey.bytes == file.keys.secretKey.bytes)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o644, 0o610]) func `that others could have read is refused`(mode: Int) throws
  {
    let path = folder.file("key")
    try KeyFile(comment: "c", keys: try .generate()).write(path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let error = #expect(throws: KeyFileError.self) { try KeyFile.read(path) }
    #expect(error?.code == .tooOpen)
    #expect(error?.description.contains("has mode 0\(String(mode, radix: 8))") == true)
  }

  /// As systemd's LoadCredential leaves it: root's, 0400, with an access list that lets the service's user read.
  @Test(.enabled("no access lists on this file system") { AccessList.areSupported() })
  func `that an access list opens to this user alone is read`() throws {
    let path = folder.file("key")
    let file = KeyFile(comment: "c", keys: try .generate())
    try file.write(path)
    try AccessList([.owner(4), .user(geteuid(), 4), .owningGroup(0), .mask(4), .others(0)]).set(on: path)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o440)
    #expect(try KeyFile.read(path).keys.publicKey == file.keys.publicKey)
  }

  @Test(
    .enabled("no access lists on this file system") { AccessList.areSupported() },
    arguments: [
      [.owner(4), .user(geteuid(), 4), .user(4711, 4), .owningGroup(0), .mask(4), .others(0)],
      [.owner(4), .user(4711, 4), .owningGroup(0), .mask(4), .others(0)],
      [.owner(4), .user(geteuid(), 4), .owningGroup(4), .mask(4), .others(0)],
      [.owner(4), .user(geteuid(), 4), .owningGroup(0), .group(4711, 4), .mask(4), .others(0)],
      [.owner(4), .user(geteuid(), 4), .owningGroup(0), .mask(4), .others(4)],
      [.owner(6), .user(geteuid(), 6), .owningGroup(0), .mask(6), .others(0)],
    ] as [[AccessList.Entry]])
  func `that an access list opens any further is refused`(entries: [AccessList.Entry]) throws {
    let path = folder.file("key")
    try KeyFile(comment: "c", keys: try .generate()).write(path)
    try AccessList(entries).set(on: path)
    #expect(#expect(throws: KeyFileError.self) { try KeyFile.read(path) }?.code == .tooOpen)
  }

  @Test func `that exists is not overwritten unless asked`() throws {
    let path = folder.file("key")
    let first = KeyFile(comment: "first", keys: try .generate())
    try first.write(path)
    let second = KeyFile(comment: "second", keys: try .generate())
    let error = #expect(throws: KeyFileError.self) { try second.write(path) }
    #expect(error?.errno == EEXIST)
    #expect(try KeyFile.read(path).comment == "first")
    try second.write(path, replacing: true)
    #expect(try KeyFile.read(path).comment == "second")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["key"])
  }

  @Test func `that is missing, a folder or too long is refused`() throws {
    #expect(throws: KeyFileError.self) { try KeyFile.read(folder.file("none")) }
    #expect(#expect(throws: KeyFileError.self) { try KeyFile.read(folder.path) }?.code == .notAFile)
    let long = folder.file("long")
    #expect(
      FileManager.default.createFile(
        atPath: long, contents: Data(repeating: 35, count: 5000), attributes: [.posixPermissions: 0o600]))
    #expect(#expect(throws: KeyFileError.self) { try KeyFile.read(long) }?.code == .syntax)
  }

  @Test func `that is a pipe is refused without waiting for a writer`() throws {
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: KeyFileError.self) { _ = try KeyFile.read(pipe) }
  }

  @Test func `has one line of comment, which is read back as it was written`() throws {
    let keys = try CurveKeyPair.generate()
    let text = "# a\rb\u{2028}c \t\npublic: \(keys.publicKey.z85)\nsecret: \(keys.secretKey.z85)\n"
    let file = try KeyFile.parse(text, path: "key")
    #expect(file.comment == "abc")
    #expect(try KeyFile.parse(file.text, path: "key").comment == file.comment)
  }

  @Test func `with a broken line names the line`() throws {
    let keys = try CurveKeyPair.generate()
    func reason(_ text: String) -> String? {
      do throws(KeyFileError) { _ = try KeyFile.parse(text, path: "k") } catch { return error.description }
      return nil
    }
    let good = KeyFile(comment: "c", keys: keys).text
    #expect(reason(good) == nil)
    #expect(reason(good.replacingOccurrences(of: "\n", with: "\r\n")) == nil)
    #expect(reason("public: \(keys.publicKey.z85)\n") == "key file k has no `secret:` line")
    #expect(reason("secret: \(keys.secretKey.z85)\n") == "key file k has no `public:` line")
    #expect(
      reason("# c\npublic: short\nsecret: x\n") == "key file k: line 2: the public key is not 40 characters of Z85")
    #expect(reason("hello") == "key file k: line 1: neither `public:`, `secret:` nor a comment")
    let other = try CurveKeyPair.generate()
    #expect(
      reason("public: \(other.publicKey.z85)\nsecret: \(keys.secretKey.z85)")
        == "key file k has a public key that does not belong to its secret key")
  }
}
