import CasusEvents
import CasusLedger
import Foundation
import TestSupport
import Testing

@Suite struct SignatureTests {
  // RFC 8032, 7.1, tests 1 to 3: seed, public key, message, signature.
  static let vectors = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ]

  @Test(arguments: vectors.indices)
  func `Ed25519 gives the signatures of RFC 8032`(index: Int) throws {
    let (seed, publicKey, message, signature) = Self.vectors[index]
    let key = try SigningKey(seed: hexBytes(seed)!)
    let bytes = hexBytes(message)!
    #expect(key.verifyingKey.hex == publicKey)
    #expect(hexText(try key.signature(of: bytes)) == signature)
    #expect(key.verifyingKey.isValid(hexBytes(signature)!, for: bytes))
    #expect(!key.verifyingKey.isValid(hexBytes(signature)!, for: bytes + [0]))
    #expect(!key.verifyingKey.isValid(Array(hexBytes(signature)!.dropLast()), for: bytes))
  }

  @Test
  func `a signature with any one bit changed is not valid`() throws {
    let key = try SigningKey.generate()
    let message = Array("EXERCISE".utf8)
    let signature = try key.signature(of: message)
    for bit in 0..<512 {
      var changed = signature
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.verifyingKey.isValid(changed, for: message))
    }
  }

  @Test
  func `every new key is another, and none prints its secret`() throws {
    let keys = try (0..<20).map { _ in try SigningKey.generate() }
    #expect(Set(keys.map(\.verifyingKey)).count == 20)
    #expect("\(keys[0])" == "signing key \(keys[0].keyid)")
    #expect(keys[0].keyid == String(sha256Hex(keys[0].verifyingKey.bytes).prefix(32)))
  }

  @Test
  func `a key file is read back, has mode 0600 and is never overwritten`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("signer.key")
    let file = SignerKeyFile(comment: "casus signer JP EXERCISE", key: try .generate())
    try file.write(path)
    let read = try SignerKeyFile.read(path)
    #expect(read.comment == "casus signer JP EXERCISE")
    #expect(read.key.verifyingKey == file.key.verifyingKey)
    #expect(
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    let error = #expect(throws: LedgerError.self) { try file.write(path) }
    #expect(error?.code == .keyFile)
  }

  @Test(arguments: [0o640, 0o604, 0o660, 0o777])
  func `a key file that others can read is refused`(mode: Int) throws {
    let folder = TemporaryFolder()
    let path = folder.file("signer.key")
    try SignerKeyFile(comment: "EXERCISE", key: .generate()).write(path)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    let error = #expect(throws: LedgerError.self) { try SignerKeyFile.read(path) }
    #expect(error?.code == .keyFileMode)
  }

  @Test
  func `a folder, a missing file and text that is no key are refused with their own codes`() throws {
    let folder = TemporaryFolder()
    #expect(throws: LedgerError.self) { try SignerKeyFile.read(folder.file("")) }
    let missing = #expect(throws: LedgerError.self) { try SignerKeyFile.read(folder.file("none")) }
    #expect(missing?.code == .keyFile)
    let key = try SigningKey.generate().verifyingKey.hex
    let seed = String(repeating: "0", count: 64)
    for text in [
      "", "public: \(key)\n", "public: \(key)\nsecret: \(seed)\n", "secret: 12\n", "hello\n",
    ] {
      let error = #expect(throws: LedgerError.self) { try SignerKeyFile.parse(text, path: "x") }
      #expect(error?.code == .key)
    }
  }
}
