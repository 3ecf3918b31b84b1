/// A sector of critical infrastructure, in the words of whoever named it: the 16 of CISA (`us:`) and the 14 of Japan's
/// Cybersecurity Policy for Critical Infrastructure Protection (`jp:`). The lists overlap and don't map one to one.
public enum Sector: String, Codable, CaseIterable, Sendable {
  case usChemical = "us:chemical"
  case usCommercialFacilities = "us:commercial-facilities"
  case usCommunications = "us:communications"
  case usCriticalManufacturing = "us:critical-manufacturing"
  case usDams = "us:dams"
  case usDefenseIndustrialBase = "us:defense-industrial-base"
  case usEmergencyServices = "us:emergency-services"
  case usEnergy = "us:energy"
  case usFinancialServices = "us:financial-services"
  case usFoodAndAgriculture = "us:food-and-agriculture"
  case usGovernmentFacilities = "us:government-facilities"
  case usHealthcare = "us:healthcare-and-public-health"
  case usInformationTechnology = "us:information-technology"
  case usNuclear = "us:nuclear"
  case usTransportation = "us:transportation"
  case usWater = "us:water"

  case jpInformationAndCommunication = "jp:information-and-communication"
  case jpFinance = "jp:finance"
  case jpAviation = "jp:aviation"
  case jpAirports = "jp:airports"
  case jpRailways = "jp:railways"
  case jpElectricPower = "jp:electric-power"
  case jpGas = "jp:gas"
  case jpGovernment = "jp:government"
  case jpMedical = "jp:medical"
  case jpWater = "jp:water"
  case jpLogistics = "jp:logistics"
  case jpChemical = "jp:chemical"
  case jpCredit = "jp:credit"
  case jpPetroleum = "jp:petroleum"

  /// The nearest of CISA's sixteen, for scales that know only those; itself for a `us:` one.
  public var nearestCISA: Sector {
    switch self {
    case .jpInformationAndCommunication: .usCommunications
    case .jpFinance, .jpCredit: .usFinancialServices
    case .jpAviation, .jpAirports, .jpRailways, .jpLogistics: .usTransportation
    case .jpElectricPower, .jpGas, .jpPetroleum: .usEnergy
    case .jpGovernment: .usGovernmentFacilities
    case .jpMedical: .usHealthcare
    case .jpWater: .usWater
    case .jpChemical: .usChemical
    default: self
    }
  }
}
