public import CasusEvents

/// Which addresses belong to which asset: from the sensor's settings, since no log says who runs a host.
public struct AssetList: Sendable {
  public struct Entry: Sendable {
    var ranges: [AddressRange]
    var asset: Asset

    public init(ranges: [AddressRange], asset: Asset) {
      self.ranges = ranges
      self.asset = asset
    }
  }

  /// The narrowest networks first, so that a host's own entry wins over its network's.
  private var entries: [(range: AddressRange, asset: Asset)] = []

  public init(_ list: [Entry] = []) {
    entries = list.flatMap { entry in entry.ranges.map { ($0, entry.asset) } }
    entries.sort { $0.range.bits > $1.range.bits }
  }

  public func asset(at ip: String?) -> Asset? {
    guard let ip, let address = Address(ip) else { return nil }
    return entries.first { $0.range.contains(address) }?.asset
  }
}
