import CasusEvents
import YAML

extension Mapping {
  /// Reads a mapping file. Everything is checked here, so that a rule that was read can only match or not match.
  package init(yaml text: String, file: String) throws(ConfigurationError) {
    let reader = ConfigurationReader(file: file)
    let document = try reader.document(text)
    rules = []
    digest = sha256Hex(Array(text.utf8))
    for (key, node) in try reader.members(document, of: "the mapping", known: ["version", "rules"]) {
      switch key {
      case "version":
        guard try reader.string(node, "version") == "1" else { throw reader.fail(node, "version must be 1") }
      default:
        for element in try reader.elements(node, of: "rules") { rules.append(try reader.rule(element)) }
      }
    }
    guard !rules.isEmpty else { throw ConfigurationError(file: file, message: "it has no rules") }
  }
}

extension ConfigurationReader {
  func rule(_ node: YAMLNode) throws(ConfigurationError) -> Mapping.Rule {
    let known: Set = [
      "name", "when", "ignore", "title", "techniques", "techniques-from", "software", "software-from", "severity",
      "confidence", "asset",
    ]
    let members = try members(node, of: "a rule", known: known)
    func member(_ name: String) -> YAMLNode? { members.first { $0.0 == name }?.1 }
    guard let name = member("name") else { throw fail(node, "a rule needs a name") }
    guard let when = member("when") else { throw fail(node, "a rule needs 'when'") }
    var rule = Mapping.Rule(name: try string(name, "name"), conditions: try conditions(when))
    if let ignore = member("ignore") {
      guard ignore.string == "true", members.count == 3 else {
        throw fail(ignore, "'ignore: true' stands alone with name and when")
      }
      return rule
    }
    guard let titleNode = member("title") else { throw fail(node, "a rule needs a title, or 'ignore: true'") }
    guard let title = Template(try string(titleNode, "title")) else { throw fail(titleNode, "a '{' is not closed") }
    var meaning = Mapping.Meaning(title: title)
    for (key, value) in members {
      switch key {
      case "techniques":
        for element in try elements(value, of: key) { meaning.techniques.append(try technique(element)) }
      case "software":
        for element in try elements(value, of: key) { meaning.software.append(try software(element)) }
      case "techniques-from": meaning.techniquesFrom = try sources(value)
      case "software-from": meaning.softwareFrom = try sources(value)
      case "severity":
        let number = try number(value, "severity", 0...6)
        guard number == number.rounded() else { throw fail(value, "severity must be a whole number") }
        meaning.severity = Int(number)
      case "confidence": meaning.confidence = try number(value, "confidence", 0...1)
      case "asset": meaning.asset = try choice(value, "asset", Mapping.AssetEnd.self)
      default: break
      }
    }
    rule.meaning = meaning
    return rule
  }

  private func technique(_ node: YAMLNode) throws(ConfigurationError) -> Technique {
    let members = try members(node, of: "a technique", known: ["id", "domain", "probability", "name"])
    func member(_ name: String) throws(ConfigurationError) -> YAMLNode {
      guard let found = members.first(where: { $0.0 == name })?.1 else {
        throw fail(node, "a technique needs '\(name)'")
      }
      return found
    }
    let id = try member("id")
    guard
      let technique = try Technique(
        attack: string(id, "id"), probability: number(member("probability"), "probability", 0...1))
    else { throw fail(id, "a technique's id is T and four digits, and .NNN for a sub-technique") }
    let domain = try choice(member("domain"), "domain", TechniqueDomain.self)
    guard domain == technique.domain else { throw fail(id, "\(technique.id) is not of the domain \(domain.rawValue)") }
    return technique
  }

  private func software(_ node: YAMLNode) throws(ConfigurationError) -> Software {
    var software = Software(name: "")
    for (key, value) in try members(node, of: "a software", known: ["id", "name", "probability"]) {
      switch key {
      case "id":
        let id = try string(value, "id")
        guard Software.isID(id) else { throw fail(value, "a software's id is S and four digits") }
        software.id = id
      case "name": software.name = try string(value, "name")
      default: software.probability = try number(value, "probability", 0...1)
      }
    }
    guard !software.name.isEmpty else { throw fail(node, "a software needs a name") }
    return software
  }

  private func sources(_ node: YAMLNode) throws(ConfigurationError) -> [Mapping.Source] {
    var sources: [Mapping.Source] = []
    for element in oneOrMore(node) {
      let members = try members(element, of: "a source", known: ["field", "probability"])
      guard let field = members.first(where: { $0.0 == "field" })?.1 else {
        throw fail(element, "a source needs a field")
      }
      var source = Mapping.Source(path: FieldPath(try string(field, "field")), probability: 0.7)
      if let given = members.first(where: { $0.0 == "probability" })?.1 {
        source.probability = try number(given, "probability", 0...1)
      }
      sources.append(source)
    }
    return sources
  }
}
