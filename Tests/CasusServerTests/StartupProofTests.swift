import CasusNames
import CasusWire
import Testing
import ZeroMQ

@testable import CasusServer

/// The broker's proof that strangers are refused, with authenticators that fail as libzmq's can.
@Suite(.timeLimit(.minutes(15))) struct StartupProofs {
  private func prove(
    _ mechanism: Configuration.Mechanism, _ answer: @escaping @Sendable (ZAPRequest) -> ZAPReply
  ) throws {
    let context = try Context()
    try StartupProof.authenticator(
      try CurveKeyPair.generate(), limits: Limits(), mechanism: mechanism, in: context, answer: answer
    ).stop()
  }

  @Test(arguments: [Configuration.Mechanism.curve, .plain])
  func `an authenticator that admits everyone does not start`(mechanism: Configuration.Mechanism) {
    let error = #expect(throws: ServerError.self) { try prove(mechanism) { _ in .allow(userID: "anyone") } }
    #expect(error?.exit == .notPermitted)
    #expect(error?.message.contains("an unknown key was let in") == true)
  }

  @Test(arguments: [Configuration.Mechanism.curve, .plain])
  func `an authenticator that refuses strangers starts`(mechanism: Configuration.Mechanism) throws {
    try prove(mechanism) { _ in .refuse("not registered") }
  }
}
