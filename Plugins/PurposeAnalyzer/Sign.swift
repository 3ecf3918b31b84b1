import CasusEvents
import Knowledge

/// A kind of evidence of purpose. Techniques of one kind come from one operation and count once.
enum Sign: String, CaseIterable, Sendable, Comparable {
  case control
  case denial
  case destruction
  case encryption
  case defacement
  case loss
  case theft
  case collection
  /// Money or computing power taken, data changed: neither by itself.
  case other

  static func < (a: Self, b: Self) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }

  var points: PurposeIndication {
    switch self {
    case .control, .denial, .destruction, .encryption, .defacement, .loss: .attack
    case .theft, .collection: .exploitation
    case .other: .none
    }
  }

  var words: String {
    switch self {
    case .control: "commands to a process, or its protection or view impaired"
    case .denial: "services or accounts denied"
    case .destruction: "data or systems destroyed"
    case .encryption: "data encrypted"
    case .defacement: "defacement"
    case .loss: "an operator reports a service lost or impaired"
    case .theft: "data left the network"
    case .collection: "data gathered"
    case .other: "gain or manipulation, which shows neither purpose by itself"
    }
  }

  /// What a technique is a sign of; nil for those that every intrusion needs.
  static func of(_ technique: AttackKnowledge.Feature) -> Sign? {
    technique.sign.flatMap { Sign(rawValue: $0.rawValue) }
  }

  func ratio(_ settings: PurposeSettings) -> Double {
    switch self {
    case .control: settings.attack.control
    case .denial: settings.attack.denial
    case .destruction: settings.attack.destruction
    case .encryption: settings.attack.encryption
    case .defacement: settings.attack.defacement
    case .loss: settings.attack.loss
    case .theft: settings.exploitation.theft
    case .collection: settings.exploitation.collection
    case .other: 1
    }
  }
}

/// All that was seen of one sign.
struct SignEvidence: Sendable, Equatable {
  var sign: Sign
  /// That at least one of them is true, 0...1.
  var reliability: Double
  /// In words, the likeliest first: `T0855 Unauthorized Command Message`.
  var sightings: [String]
  /// The likeliest technique.
  var technique: String?
  var refs: [EventReference]
  /// Why it doesn't count although it looks as if; nil where it does.
  var dismissed: String?
  /// Whether anything but the ability of malware shows it.
  var wasSeen: Bool
}
