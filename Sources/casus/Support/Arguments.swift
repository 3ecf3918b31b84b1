public import ArgumentParser
public import CasusEvents
import CasusWire

// The vocabulary's values as they are written on a command line.

extension LegalFinding: ExpressibleByArgument {}
extension Outcome: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
  public init?(argument: String) { self.init(rfc3339: argument) }
}

extension Dissent: ExpressibleByArgument {
  public init?(argument: String) {
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    let text = argument[argument.index(after: colon)...].drop { $0 == " " }
    guard colon > argument.startIndex, !text.isEmpty else { return nil }
    self.init(by: String(argument[..<colon]), text: String(text))
  }
}

/// For `validate`: what `--type` takes.
func checkPatterns(_ types: [String]) throws {
  for pattern in types where TypePattern(pattern) == nil {
    throw ValidationError("--type takes a pattern as casus.*.v1 or casus.bus.>, not \(pattern)")
  }
}

extension TLP: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}
