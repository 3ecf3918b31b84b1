import CasusEvents
import CasusLedger
import Foundation
import Testing

@Suite struct DSSETests {
  static let type = "application/vnd.casus.decision.v1+json"
  let payload = Array(#"{"exercise":true}"#.utf8)
  let jp1, jp2, us1, us2, stranger: SigningKey

  init() throws {
    jp1 = try SigningKey.generate()
    jp2 = try SigningKey.generate()
    us1 = try SigningKey.generate()
    us2 = try SigningKey.generate()
    stranger = try SigningKey.generate()
  }

  @Test
  func `what is signed is the protocol's encoding`() {
    let bytes = DSSE.preAuthenticationEncoding(
      type: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    #expect(
      DSSE.preAuthenticationEncoding(type: "é", payload: [0xFF]) == Array("DSSEv1 2 é 1 ".utf8) + [
        0xFF
      ])
  }

  @Test
  func `enough different keys make a payload verified, and its bytes come back`() throws {
    let envelope = try DSSE.sign(payload, type: Self.type, with: [jp1, us1])
    let verified = try DSSE.verify(
      envelope, type: Self.type, keys: [us1.verifyingKey, jp1.verifyingKey], threshold: 2)
    #expect(verified.bytes == payload)
    #expect(verified.keys == [jp1.verifyingKey, us1.verifyingKey])
    #expect(verified.unverified == 0)
  }

  @Test
  func `one key never counts twice, whether it signs twice or is trusted twice`() throws {
    var envelope = try DSSE.sign(payload, type: Self.type, with: [jp1])
    envelope.signatures += envelope.signatures
    envelope.signatures[1].keyid = "another"
    let keys = [jp1.verifyingKey, jp2.verifyingKey, jp1.verifyingKey]
    let error = #expect(throws: LedgerError.self) {
      try DSSE.verify(envelope, type: Self.type, keys: keys, threshold: 2)
    }
    #expect(error?.code == .threshold)
    #expect(
      try DSSE.verify(envelope, type: Self.type, keys: keys, threshold: 1).keys == [
        jp1.verifyingKey
      ])
    let policy = #expect(throws: LedgerError.self) {
      try DSSE.verify(
        envelope, type: Self.type, keys: [jp1.verifyingKey, jp1.verifyingKey], threshold: 2)
    }
    #expect(policy?.code == .policy)
    #expect(
      try DSSE.add(jp1, to: DSSE.sign(payload, type: Self.type, with: [jp1])).signatures.count == 1)
  }

  @Test(arguments: [0, -1, Int.min])
  func `a threshold below one is refused, whoever signed`(value: Int) throws {
    let envelope = try DSSE.sign(payload, type: Self.type, with: [jp1, us1])
    let error = #expect(throws: LedgerError.self) {
      try DSSE.verify(envelope, type: Self.type, keys: [jp1.verifyingKey], threshold: value)
    }
    #expect(error?.code == .policy)
  }

  @Test
  func `a key id decides nothing: a wrong one does no harm, a right one no good`() throws {
    var envelope = try DSSE.sign(payload, type: Self.type, with: [jp1])
    envelope.signatures[0].keyid = us1.keyid
    #expect(
      try DSSE.verify(
        envelope, type: Self.type, keys: [us1.verifyingKey, jp1.verifyingKey], threshold: 1
      ).keys == [jp1.verifyingKey])
    var forged = try DSSE.sign(payload, type: Self.type, with: [stranger])
    forged.signatures[0].keyid = jp1.keyid
    #expect(throws: LedgerError.self) {
      try DSSE.verify(forged, type: Self.type, keys: [jp1.verifyingKey], threshold: 1)
    }
  }

  @Test
  func `another payload, another type and broken base64 are refused`() throws {
    let good = try DSSE.sign(payload, type: Self.type, with: [jp1])
    var altered = good
    altered.payload = Data(payload + [32]).base64EncodedString()
    var other = good
    other.payloadType = "application/vnd.casus.position.v1+json"
    var broken = good
    broken.payload = "e30*"
    var relabelled = other
    relabelled.payloadType = Self.type + " "
    for envelope in [altered, other, broken, relabelled] {
      #expect(throws: LedgerError.self) {
        try DSSE.verify(envelope, type: Self.type, keys: [jp1.verifyingKey], threshold: 1)
      }
    }
    // A signature over the other type's encoding doesn't hold for this one.
    let error = #expect(throws: LedgerError.self) {
      try DSSE.verify(other, type: other.payloadType, keys: [jp1.verifyingKey], threshold: 1)
    }
    #expect(error?.code == .threshold)
  }

  @Test
  func `both alphabets of base64 are read`() throws {
    let bytes: [UInt8] = [0xFB, 0xFF, 0xBF]
    var envelope = try DSSE.sign(bytes, type: Self.type, with: [jp1])
    #expect(envelope.payload == "+/+/")
    envelope.payload = "-_-_"
    #expect(
      try DSSE.verify(envelope, type: Self.type, keys: [jp1.verifyingKey], threshold: 1).bytes
        == bytes)
  }
}
