/// Where in a network, by the levels of CISA's NCISS; ordered from the outermost.
public enum Location: String, Codable, CaseIterable, Sendable, Comparable {
  case businessDMZ = "L1"
  case businessNetwork = "L2"
  case businessNetworkManagement = "L3"
  case criticalSystemDMZ = "L4"
  case criticalSystemManagement = "L5"
  case criticalSystems = "L6"
  case safetySystems = "L7"

  public static func < (a: Self, b: Self) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }
}
