package import CasusEvents
import YAML

/// Which addresses belong to which asset: from the sensor's settings, since no log says who runs a host.
package struct AssetList: Sendable {
  package struct Entry: Sendable {
    var ranges: [AddressRange]
    var asset: Asset

    package init(ranges: [AddressRange], asset: Asset) {
      self.ranges = ranges
      self.asset = asset
    }
  }

  /// The narrowest networks first, so that a host's own entry wins over its network's.
  private var entries: [(range: AddressRange, asset: Asset)] = []

  package init(_ list: [Entry] = []) {
    entries = list.flatMap { entry in entry.ranges.map { ($0, entry.asset) } }
    entries.sort { $0.range.bits > $1.range.bits }
  }

  package func asset(at ip: String?) -> Asset? {
    guard let ip, let address = Address(ip) else { return nil }
    return entries.first { $0.range.contains(address) }?.asset
  }
}

extension AssetList {
  /// Reads `[{addresses, id, operator, nation, sector, location}]`, or the same under `assets:`.
  package static func entries(yaml text: String, file: String) throws(ConfigurationError) -> [Entry] {
    let reader = ConfigurationReader(file: file)
    var node = try reader.document(text)
    if node.mapping != nil {
      guard let inner = try reader.members(node, of: "the asset file", known: ["assets"]).first else {
        throw ConfigurationError(file: file, message: "it has no assets")
      }
      node = inner.1
    }
    return try reader.assets(node)
  }
}

extension ConfigurationReader {
  fileprivate func assets(_ node: YAMLNode) throws(ConfigurationError) -> [AssetList.Entry] {
    var entries: [AssetList.Entry] = []
    for element in try elements(node, of: "assets") {
      var entry = AssetList.Entry(ranges: [], asset: Asset(id: ""))
      let known: Set = ["addresses", "id", "operator", "nation", "sector", "location"]
      for (name, value) in try members(element, of: "an asset", known: known) {
        switch name {
        case "addresses":
          for address in oneOrMore(value) {
            guard let range = AddressRange(try string(address, name)) else {
              throw fail(address, "an address or a network such as 10.30.1.0/24 was expected")
            }
            entry.ranges.append(range)
          }
        case "id": entry.asset.id = try string(value, name)
        case "operator": entry.asset.operatorName = try string(value, name)
        case "nation":
          let nation = try string(value, name)
          guard nation.utf8.count == 2, nation.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw fail(value, "nation must be two capital letters (ISO 3166-1)")
          }
          entry.asset.nation = nation
        case "sector": entry.asset.sector = try choice(value, name, Sector.self)
        default: entry.asset.location = try choice(value, name, Location.self)
        }
      }
      guard !entry.asset.id.isEmpty else { throw fail(element, "an asset needs an id") }
      guard !entry.ranges.isEmpty else { throw fail(element, "an asset needs addresses") }
      entries.append(entry)
    }
    return entries
  }
}
