/// Where an attack comes through.
public enum Domain: String, Codable, CaseIterable, Sendable {
  case cyberspace
  case space
  case electromagnetic
}
