import CasusEvents
import Testing

@Suite struct DigestTests {
  // FIPS 180-2, appendix B.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `SHA-256 gives the standard's digests`(text: String, hex: String) {
    #expect(sha256Hex(Array(text.utf8)) == hex)
    #expect(SHA256Digest(hex: hex) == SHA256Digest(of: Array(text.utf8)))
    #expect(SHA256Digest(hex: hex)?.bytes.count == 32)
  }

  @Test(arguments: ["", "ab", "zz", String(repeating: "g", count: 64)])
  func `text that is not 64 hexadecimal digits is no digest`(text: String) {
    #expect(SHA256Digest(hex: text) == nil)
  }

  @Test
  func `a derived id depends on every part and on where one ends`() {
    #expect(derivedID("incident", "a", "b") == derivedID("incident", "a", "b"))
    #expect(derivedID("incident", "a", "b").count == 32)
    #expect(derivedID("incident", "ab", "") != derivedID("incident", "a", "b"))
    #expect(derivedID("incident", "a,1:b") != derivedID("incident", "a", "b"))
    #expect(derivedID("damage", "a", "b") != derivedID("incident", "a", "b"))
    // Other languages derive the same: sha256("8:incident,1:a,1:b,").
    #expect(derivedID("incident", "a", "b") == String(sha256Hex(Array("8:incident,1:a,1:b,".utf8)).prefix(32)))
  }
}
