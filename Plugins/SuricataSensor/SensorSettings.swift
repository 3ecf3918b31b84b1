import CasusEvents
import CasusSensor

/// The sensor's settings, as the topology gives them. A name that is not among these is refused: a typing error must not
/// change in silence what is watched.
struct SensorSettings: Decodable, Sendable {
  /// The EVE log, or `-` for standard input.
  var file: String
  /// False: stop at the end of the file.
  var follow = true
  /// The mapping file; nil: the one that is built in (`Plugins/SuricataSensor/mapping.yaml`).
  var mapping: String?
  /// A file with assets; those in `assets` come on top.
  var assetsFile: String?
  var assets: [AssetSetting] = []
  var tlp = TLP.amber
  var exercise = false
  var admiralty: Admiralty?
  /// Bytes of each record that travel with its detection, 0...8192.
  var excerptBytes = 1024
  /// Detections in one publish, 1...1024.
  var batch = 128
  /// How often an idle log is looked at, in milliseconds.
  var pollMilliseconds = 200
  /// How often a summary is logged, in seconds.
  var summarySeconds = 60
  /// Longer lines are broken ones, in bytes.
  var maximumLineBytes = 1 << 20
  /// How long a rotated file is still watched, in seconds.
  var rotationGraceSeconds = 5

  struct AssetSetting: Decodable, Sendable {
    var addresses: [String]
    var id: String
    var operatorName: String?
    var nation: String?
    var sector: Sector?
    var location: Location?

    enum CodingKeys: String, CodingKey {
      case addresses, id
      case operatorName = "operator"
      case nation, sector, location
    }

    /// Throws where an address is none; `number` is its place in the list.
    func entry(_ number: Int) throws(ConfigurationError) -> AssetList.Entry {
      var ranges: [AddressRange] = []
      for address in addresses {
        guard let range = AddressRange(address) else {
          throw ConfigurationError(
            file: "settings", message: "assets[\(number)]: '\(address)' is no address or network")
        }
        ranges.append(range)
      }
      guard !ranges.isEmpty else {
        throw ConfigurationError(file: "settings", message: "assets[\(number)] has no addresses")
      }
      return AssetList.Entry(
        ranges: ranges,
        asset: Asset(id: id, operatorName: operatorName, nation: nation, sector: sector, location: location))
    }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case file, follow, mapping
    case assetsFile = "assets_file"
    case assets, tlp, exercise, admiralty
    case excerptBytes = "excerpt_bytes"
    case batch
    case pollMilliseconds = "poll_ms"
    case summarySeconds = "summary_s"
    case maximumLineBytes = "maximum_line_bytes"
    case rotationGraceSeconds = "rotation_grace_s"
  }

  init(file: String) { self.file = file }

  init(from decoder: any Decoder) throws {
    try refuseUnknownNames(decoder, known: CodingKeys.allCases.map(\.rawValue))
    let values = try decoder.container(keyedBy: CodingKeys.self)
    file = try values.decode(String.self, forKey: .file)
    follow = try values.decodeIfPresent(Bool.self, forKey: .follow) ?? follow
    mapping = try values.decodeIfPresent(String.self, forKey: .mapping)
    assetsFile = try values.decodeIfPresent(String.self, forKey: .assetsFile)
    assets = try values.decodeIfPresent([AssetSetting].self, forKey: .assets) ?? []
    tlp = try values.decodeIfPresent(TLP.self, forKey: .tlp) ?? tlp
    exercise = try values.decodeIfPresent(Bool.self, forKey: .exercise) ?? exercise
    admiralty = try values.decodeIfPresent(Admiralty.self, forKey: .admiralty)
    func bounded(_ key: CodingKeys, _ range: ClosedRange<Int>, _ value: inout Int) throws {
      guard let given = try values.decodeIfPresent(Int.self, forKey: key) else { return }
      guard range.contains(given) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription: "\(key.rawValue) must lie between \(range.lowerBound) and \(range.upperBound)")
      }
      value = given
    }
    try bounded(.excerptBytes, 0...8192, &excerptBytes)
    try bounded(.batch, 1...1024, &batch)
    try bounded(.pollMilliseconds, 1...60_000, &pollMilliseconds)
    try bounded(.summarySeconds, 1...86_400, &summarySeconds)
    try bounded(.maximumLineBytes, 1024...(64 << 20), &maximumLineBytes)
    try bounded(.rotationGraceSeconds, 0...3600, &rotationGraceSeconds)
  }
}
