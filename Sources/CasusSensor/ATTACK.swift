public import CasusEvents

extension Technique {
  /// A technique by its id alone: `T0855` is of the ICS matrix, all others of the enterprise matrix. Rule sets write
  /// sub-techniques as `T1566.001` or `T1566_001`. Nil when it is no id.
  public init?(attack text: String, probability: Double) {
    let id = String(text.map { $0 == "_" ? "." : $0 })
    let parts = id.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, Self.isNumber(parts[0], after: "T", digits: 4) else { return nil }
    if parts.count == 2 { guard parts[1].utf8.count == 3, parts[1].utf8.allSatisfy(isDigit) else { return nil } }
    self.init(id: id, domain: id.hasPrefix("T0") ? .ics : .enterprise, probability: probability)
  }

  fileprivate static func isNumber(_ text: some StringProtocol, after letter: Character, digits: Int) -> Bool {
    text.first == letter && text.utf8.count == digits + 1 && text.utf8.dropFirst().allSatisfy(isDigit)
  }
}

extension Software {
  /// Names of ATT&CK software that rule sets give only by number. ATT&CK is © The MITRE Corporation.
  static let names = [
    "S0002": "Mimikatz", "S0029": "PsExec", "S0089": "BlackEnergy", "S0154": "Cobalt Strike", "S0604": "Industroyer",
    "S0607": "KillDisk", "S0693": "CaddyWiper", "S1009": "Triton", "S1045": "INCONTROLLER", "S1072": "Industroyer2",
    "S1157": "Fuxnet", "S1165": "FrostyGoop",
  ]

  /// `S0604`.
  public static func isID(_ text: String) -> Bool { Technique.isNumber(text, after: "S", digits: 4) }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
