/// Words for a probability by Intelligence Community Directive 203 (2015). The number travels beside them, always:
/// other scales (STIX 2.1's DNI bins among them) give the same words to other numbers.
///
/// ICD 203's bands run from 1 to 99 %; the ends beyond keep the words of the band next to them. A number on a border
/// takes the likelier band.
public func icd203Words(_ probability: Double) -> String {
  switch probability {
  case ..<0.05: "almost no chance"
  case ..<0.2: "very unlikely"
  case ..<0.45: "unlikely"
  case ..<0.55: "roughly even chance"
  case ..<0.8: "likely"
  case ..<0.95: "very likely"
  default: "almost certain"
  }
}
