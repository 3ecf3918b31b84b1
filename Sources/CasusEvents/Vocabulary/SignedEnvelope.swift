/// A signature of a DSSE envelope.
public struct EnvelopeSignature: Codable, Hashable, Sendable {
  /// A hint which key it was; never proof.
  public var keyid: String
  /// Base64.
  public var sig: String

  public init(
    keyid: String, sig: String
  ) {
    self.keyid = keyid
    self.sig = sig
  }
}

/// A DSSE envelope (secure-systems-lab/dsse): a statement's bytes, and signatures over them. Its members have DSSE's names.
/// To be believed only after `CasusLedger` has verified it; then what counts are the verified bytes.
public struct SignedEnvelope: Codable, Hashable, Sendable {
  /// `application/vnd.casus.decision.v1+json`.
  public var payloadType: String
  /// Base64 of the statement's bytes.
  public var payload: String
  public var signatures: [EnvelopeSignature]

  public init(
    payloadType: String, payload: String, signatures: [EnvelopeSignature]
  ) {
    self.payloadType = payloadType
    self.payload = payload
    self.signatures = signatures
  }
}
