public import CasusConfiguration
internal import CasusEvents
internal import CasusLedger

// How a policy is read, from a file of its own or inside a plugin's settings, in YAML or JSON.
extension CasePolicy {
  private static let signer = FieldTable(
    "a signer",
    [
      Field("name", .text, required: true, "Who it is."), Field("role", .text, "What for."),
      Field("key", .text, required: true, "The public key, 64 hexadecimal digits."),
    ])

  private static let party = FieldTable(
    "a party",
    [
      Field("name", .text, required: true, "Capitals, digits and hyphens, as JP."), Field("title", .text, "As Japan."),
      Field("threshold", .integer(1...1_000), required: true, "How many of its signers must sign a decision."),
      Field(
        "agencies", .list(.name),
        "Who publishes its statements; without it the agencies that begin with its name, as jp.mofa does for JP."),
      Field("signers", .list(.table(signer)), required: true, "Whose signatures count for it."),
    ])

  private static let consultation = FieldTable(
    "a consultation",
    [
      Field("party", .text, required: true, "Whose position must be heard."),
      Field("office", .text, "Who speaks for it."),
      Field("within_hours", .number(0...1_000_000), "After the case's opening; without it no limit."),
    ])

  public static let table = FieldTable(
    "a policy",
    [
      Field("name", .text, required: true, "What cases and decisions call it."),
      Field("version", .text, required: true, "Of the policy."), Field("author", .text, "Who answers for it."),
      Field("parties", .list(.table(party)), required: true, "Every one of them must sign a decision."),
      Field(
        "consult", .list(.table(consultation)), standard: "[]",
        "Whose positions must be there before a decision stands."),
    ])

  /// Reads a policy file.
  /// - Throws: with everything that is wrong with it, its own problems too.
  public static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> CasePolicy {
    try ConfigurationReader.read(bytes, file: file, as: table) { CasePolicy($0) }
  }

  /// Nil, and faults, when it is none; a policy with `problems` is one.
  public init?(_ members: Members) {
    guard let name = members.text("name"), let version = members.text("version") else { return nil }
    self.init(
      name: name, version: version, author: members.text("author"),
      parties: members.list("parties").compactMap { PolicyParty($0) },
      consult: members.list("consult").compactMap { PolicyConsultation($0) })
    guard members.reader.faults.isEmpty else { return }
    for problem in problems { members.report(problem) }
  }
}

extension PolicyParty {
  fileprivate init?(_ members: Members) {
    guard let name = members.text("name"), let threshold = members.integer("threshold") else { return nil }
    self.init(
      name: name, title: members.text("title"), threshold: threshold,
      agencies: members["agencies"] == nil ? nil : members.texts("agencies"),
      signers: members.list("signers").compactMap { PolicySigner($0) })
  }
}

extension PolicySigner {
  fileprivate init?(_ members: Members) {
    guard let name = members.text("name"), let text = members.text("key") else { return nil }
    guard let key = VerifyingKey(hex: text) else {
      members.report("key", "\"\(text)\" is no signer's public key: 64 hexadecimal digits")
      return nil
    }
    self.init(name: name, role: members.text("role"), key: key)
  }
}

extension PolicyConsultation {
  fileprivate init?(_ members: Members) {
    guard let party = members.text("party") else { return nil }
    self.init(party: party, office: members.text("office"), withinHours: members.number("within_hours"))
  }
}
