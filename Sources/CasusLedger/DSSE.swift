public import CasusEvents
internal import FoundationEssentials

/// Dead Simple Signing Envelope 1.0 (secure-systems-lab/dsse, protocol.md): signatures over bytes, not over meaning.
public enum DSSE {
  /// The bytes that are signed, so that a payload can never be taken for one of another type:
  ///
  ///     "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload      (LEN: decimal digits)
  public static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }

  /// An envelope around `payload` with one signature of each key, in the keys' order.
  public static func sign(_ payload: [UInt8], type: String, with keys: [SigningKey]) throws(LedgerError)
    -> SignedEnvelope
  {
    var envelope = SignedEnvelope(payloadType: type, payload: base64(payload), signatures: [])
    for key in keys { envelope = try add(key, to: envelope) }
    return envelope
  }

  /// The same envelope with one more signature over exactly its payload's bytes. Look at what they say first
  /// (`payload(of:)`). A key that already signed is not added twice.
  public static func add(_ key: SigningKey, to envelope: SignedEnvelope) throws(LedgerError) -> SignedEnvelope {
    let message = preAuthenticationEncoding(type: envelope.payloadType, payload: try payload(of: envelope))
    let signature = EnvelopeSignature(keyid: key.keyid, sig: base64(try key.signature(of: message)))
    var envelope = envelope
    if !envelope.signatures.contains(signature) { envelope.signatures.append(signature) }
    return envelope
  }

  /// The payload's bytes, **not verified**.
  public static func payload(of envelope: SignedEnvelope) throws(LedgerError) -> [UInt8] {
    guard let payload = bytes(base64: envelope.payload) else {
      throw LedgerError(.envelope, "the payload is not base64")
    }
    return payload
  }

  /// The payload's bytes and who signed them, when at least `threshold` *different* trusted keys have. A key id is only
  /// a hint and is not looked at; a key that signed twice, or is listed twice, counts once. Signatures of keys that
  /// aren't trusted are passed over and counted.
  ///
  /// Go on with the returned bytes, never with the envelope again. Cost: signatures × keys × 0.1 ms.
  /// Throws `LedgerError`: `policy` when the threshold is below 1 or above the number of different keys, `envelope` when
  /// the payload or the type is broken, `threshold` when too few signatures are valid.
  public static func verify(
    _ envelope: SignedEnvelope, type: String, keys: [VerifyingKey], threshold: Int
  ) throws(LedgerError) -> VerifiedPayload {
    let trusted = Set(keys)
    guard threshold >= 1, threshold <= trusted.count else {
      throw LedgerError(.policy, "a threshold of \(threshold) of \(trusted.count) keys means nothing")
    }
    let checked = try check(envelope, type: type, keys: keys)
    var signers: [VerifyingKey] = []
    for key in checked.signatures.compactMap(\.key) where !signers.contains(key) { signers.append(key) }
    guard signers.count >= threshold else {
      throw LedgerError(.threshold, "\(signers.count) of \(threshold) signatures are valid")
    }
    let strangers = checked.signatures.count { $0.key == nil }
    return VerifiedPayload(bytes: checked.bytes, keys: signers, unverified: strangers)
  }

  /// Which of the keys made each signature. For those who count by rules of their own: the bytes are verified only as far
  /// as a key stands beside a signature. Throws `LedgerError.envelope`.
  public static func check(_ envelope: SignedEnvelope, type: String, keys: [VerifyingKey]) throws(LedgerError)
    -> CheckedPayload
  {
    guard envelope.payloadType.utf8.elementsEqual(type.utf8) else {
      throw LedgerError(.envelope, "the payload is \(envelope.payloadType), not \(type)")
    }
    let payload = try payload(of: envelope)
    let message = preAuthenticationEncoding(type: type, payload: payload)
    let signatures = envelope.signatures.map { signature in
      let bytes = bytes(base64: signature.sig) ?? []
      return CheckedSignature(keyid: signature.keyid, key: keys.first { $0.isValid(bytes, for: message) })
    }
    return CheckedPayload(bytes: payload, signatures: signatures)
  }

  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// Both alphabets, as the protocol asks; anything else is refused.
  static func bytes(base64 text: String) -> [UInt8]? {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(base64Encoded: standard).map(Array.init)
  }
}

/// Bytes that trusted keys signed. Only ``DSSE`` makes one.
public struct VerifiedPayload: Hashable, Sendable {
  public let bytes: [UInt8]
  /// The different trusted keys that signed, in the order of their signatures.
  public let keys: [VerifyingKey]
  /// Signatures that no trusted key made.
  public let unverified: Int
}

/// An envelope's payload, and whose each signature is.
public struct CheckedPayload: Hashable, Sendable {
  public let bytes: [UInt8]
  public let signatures: [CheckedSignature]
}

/// A signature and the key that made it.
public struct CheckedSignature: Hashable, Sendable {
  /// What the envelope calls the key; never proof.
  public let keyid: String
  /// The key that made it; nil when none of the keys did.
  public let key: VerifyingKey?
}
