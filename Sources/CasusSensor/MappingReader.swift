package import CasusConfiguration
import CasusEvents

extension Mapping {
  /// Reads a mapping file. Everything is checked here, so that a rule that was read can only match or not match.
  package init(yaml text: String, file: String) throws(ConfigurationError) {
    digest = sha256Hex(Array(text.utf8))
    rules = try ConfigurationReader.read(Array(text.utf8), file: file, as: MappingFields.mapping) { top in
      _ = top.text("version")
      if top.isEmptyList("rules") { top.report("rules", "it has no rules") }
      return top.list("rules").compactMap { Mapping.Rule($0) }
    }
  }
}

/// What a mapping file may say.
package enum MappingFields {
  private static let probability = Field("probability", .number(0...1), "How likely it is that the rule is right.")

  static let technique = FieldTable(
    "a technique",
    [
      Field("id", .text, required: true, "T and four digits, and .NNN for a sub-technique."),
      Field("domain", .words(TechniqueDomain.allCases.map(\.rawValue)), required: true, "Which of ATT&CK's matrices."),
      Field("probability", .number(0...1), required: true, "How likely it is that the rule is right."),
      Field("name", .text, "For people who read the file."),
    ])

  static let software = FieldTable(
    "a software",
    [
      Field("id", .text, "S and four digits."), Field("name", .text, required: true, "As ATT&CK names it."),
      probability,
    ])

  static let source = FieldTable(
    "a source",
    [
      Field("field", .text, required: true, "The dotted path of a field that names ids of ATT&CK itself."),
      Field("probability", .number(0...1), standard: "0.7", "How likely it is that such a field is right."),
    ])

  static let rule = FieldTable(
    "a rule",
    [
      Field("name", .text, required: true, "For logs and analytics."),
      Field(
        "when", .any("dotted paths, each with a value, a list of values or a mapping of tests"), required: true,
        "What must hold, all of it."),
      Field("ignore", .flag, standard: "false", "Such a record is no detection."),
      Field("title", .text, "The detection's, with {dotted.path} where a field's text goes."),
      Field("techniques", .list(.table(technique)), standard: "[]", "Which techniques it points to."),
      Field("techniques-from", .oneOrMore(.table(source)), "Fields that name techniques."),
      Field("software", .list(.table(software)), standard: "[]", "Which software it points to."),
      Field("software-from", .oneOrMore(.table(source)), "Fields that name software."),
      Field("severity", .integer(0...6), "By OCSF; without it the alert's own, or 1."),
      Field("confidence", .number(0...1), "How likely the detection is right."),
      Field("asset", .words(Mapping.AssetEnd.allCases.map(\.rawValue)), standard: "either", "Which end is the asset."),
    ])

  package static let mapping = FieldTable(
    "the mapping",
    [
      Field("version", .words(["1"]), standard: "1", "Of this format."),
      Field("rules", .list(.table(rule)), required: true, "The first that matches a record decides about it."),
    ])
}

extension Mapping.Rule {
  fileprivate init?(_ members: Members) {
    guard let name = members.text("name"), let when = members["when"] else { return nil }
    self.init(name: name, conditions: members.reader.conditions(when))
    if members["ignore"] != nil {
      if members.flag("ignore") == true, members.count == 3 { return }
      members.report("ignore", "'ignore: true' stands alone with name and when")
      return nil
    }
    guard let written = members.text("title") else {
      members.report("title", "a rule needs a title, or 'ignore: true'")
      return nil
    }
    guard let title = Template(written) else {
      members.report("title", "a '{' is not closed")
      return nil
    }
    var meaning = Mapping.Meaning(title: title)
    meaning.techniques = members.list("techniques").compactMap { Technique($0) }
    meaning.software = members.list("software").compactMap { Software($0) }
    meaning.techniquesFrom = members.list("techniques-from").compactMap { Mapping.Source($0) }
    meaning.softwareFrom = members.list("software-from").compactMap { Mapping.Source($0) }
    meaning.severity = members.integer("severity")
    meaning.confidence = members.number("confidence")
    meaning.asset = members.choice("asset") ?? meaning.asset
    self.meaning = meaning
  }
}

extension Technique {
  fileprivate init?(_ members: Members) {
    guard let id = members.text("id"), let domain = members.choice("domain", as: TechniqueDomain.self),
      let probability = members.number("probability")
    else { return nil }
    guard let technique = Technique(attack: id, probability: probability) else {
      members.report("id", "a technique's id is T and four digits, and .NNN for a sub-technique")
      return nil
    }
    if domain != technique.domain { members.report("id", "\(technique.id) is not of the domain \(domain.rawValue)") }
    self = technique
  }
}

extension Software {
  fileprivate init?(_ members: Members) {
    guard let name = members.text("name") else { return nil }
    self.init(name: name)
    id = members.text("id")
    if let id, !Software.isID(id) { members.report("id", "a software's id is S and four digits") }
    probability = members.number("probability")
  }
}

extension Mapping.Source {
  fileprivate init?(_ members: Members) {
    guard let field = members.text("field") else { return nil }
    self.init(path: FieldPath(field), probability: members.number("probability") ?? 0.7)
  }
}
