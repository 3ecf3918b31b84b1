package import CasusConfiguration
import CasusEvents
import YAML

extension AssetList {
  /// What an asset may say, in a file of assets and in a sensor's settings.
  package static let fields = FieldTable(
    "an asset",
    [
      Field("addresses", .oneOrMore(.text), required: true, "Addresses, or networks such as 10.30.1.0/24."),
      Field("id", .text, required: true, "The asset's name in events."),
      Field("operator", .text, "Who runs it."),
      Field("nation", .nation, "Where its operator belongs."),
      Field("sector", .words(Sector.allCases.map(\.rawValue)), "Of critical infrastructure."),
      Field("location", .words(Location.allCases.map(\.rawValue)), "How deep in a network it stands, by NCISS."),
    ])

  private static let file = FieldTable(
    "the asset file", [Field("assets", .list(.table(fields)), required: true, "The assets.")])

  /// Reads `[{addresses, id, operator, nation, sector, location}]`, or the same under `assets:`.
  package static func entries(yaml text: String, file: String) throws(ConfigurationError) -> [Entry] {
    let reader = ConfigurationReader(file: file)
    guard let node = reader.document(Array(text.utf8), "a list of assets") else { return try reader.finish(nil) }
    if let list = node.sequence {
      return try reader.finish(list.compactMap { reader.members($0, of: fields) }.compactMap { Entry($0) })
    }
    return try reader.finish(reader.members(node, of: Self.file)?.list("assets").compactMap { Entry($0) })
  }
}

extension AssetList.Entry {
  package init?(_ members: Members) {
    let ranges = members.addressRanges("addresses")
    guard let id = members.text("id") else { return nil }
    if ranges.isEmpty, members.reader.faults.isEmpty { members.report("addresses", "an asset needs addresses") }
    self.init(
      ranges: ranges,
      asset: Asset(
        id: id, operatorName: members.text("operator"), nation: members.text("nation"),
        sector: members.choice("sector"),
        location: members.choice("location")))
  }
}
