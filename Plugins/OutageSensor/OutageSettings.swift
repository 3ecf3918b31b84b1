import CasusEvents
import CasusSensor

/// The sensor's settings, as the topology gives them. A name that is not among these is refused.
struct OutageSettings: Decodable, Sendable {
  /// The drop folder.
  var folder: String
  /// False: stop when every file in the folder has been read.
  var follow = true
  var tlp = TLP.amber
  var exercise = false
  var admiralty: Admiralty?
  /// How often the folder is looked at, in milliseconds, 10...600000.
  var pollMilliseconds = 500

  enum CodingKeys: String, CodingKey, CaseIterable {
    case folder, follow, tlp, exercise, admiralty
    case pollMilliseconds = "poll_ms"
  }

  init(folder: String) { self.folder = folder }

  init(from decoder: any Decoder) throws {
    try refuseUnknownNames(decoder, known: CodingKeys.allCases.map(\.rawValue))
    let values = try decoder.container(keyedBy: CodingKeys.self)
    folder = try values.decode(String.self, forKey: .folder)
    follow = try values.decodeIfPresent(Bool.self, forKey: .follow) ?? follow
    tlp = try values.decodeIfPresent(TLP.self, forKey: .tlp) ?? tlp
    exercise = try values.decodeIfPresent(Bool.self, forKey: .exercise) ?? exercise
    admiralty = try values.decodeIfPresent(Admiralty.self, forKey: .admiralty)
    if let given = try values.decodeIfPresent(Int.self, forKey: .pollMilliseconds) {
      guard (10...600_000).contains(given) else {
        throw DecodingError.dataCorruptedError(
          forKey: .pollMilliseconds, in: values, debugDescription: "poll_ms must lie between 10 and 600000")
      }
      pollMilliseconds = given
    }
  }
}
