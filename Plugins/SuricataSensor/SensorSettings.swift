import CasusConfiguration
import CasusEvents
import CasusSensor

/// The sensor's settings, as the topology gives them. A name that is not among these is refused: a typing error must not
/// change in silence what is watched.
struct SensorSettings: Sendable {
  /// The EVE log, or `-` for standard input.
  var file: String
  /// False: stop at the end of the file.
  var follow = true
  /// The mapping file; nil: the one that is built in (`Plugins/SuricataSensor/mapping.yaml`).
  var mapping: String?
  /// A file with assets; those in `assets` come on top.
  var assetsFile: String?
  var assets: [AssetList.Entry] = []
  var tlp = TLP.amber
  var exercise = false
  var admiralty: Admiralty?
  /// Bytes of each record that travel with its detection.
  var excerptBytes = 1024
  /// Detections in one publish.
  var batch = 128
  /// How often an idle log is looked at, in milliseconds.
  var pollMilliseconds = 200
  /// How often a summary is logged, in seconds.
  var summarySeconds = 60
  /// Longer lines are broken ones, in bytes.
  var maximumLineBytes = 1 << 20
  /// How long a rotated file is still watched, in seconds.
  var rotationGraceSeconds = 5

  init(file: String) { self.file = file }

  static let table = FieldTable(
    "the Suricata sensor's settings",
    [
      Field("file", .path, required: true, "The EVE log, or - for standard input."),
      Field("follow", .flag, standard: "true", "False: stop at the end of the file."),
      Field("mapping", .path, standard: "built in", "The mapping file."),
      Field("assets_file", .path, "A file with assets; those in assets come on top."),
      Field("assets", .list(.table(AssetList.fields)), standard: "[]", "Which addresses belong to which asset."),
    ] + SensorFields.marks + [
      Field(
        "excerpt_bytes", .integer(0...8192), standard: "1024", "Bytes of each record that travel with its detection."),
      Field("batch", .integer(1...1024), standard: "128", "Detections in one publish."),
      Field("poll_ms", .integer(1...60_000), standard: "200", "How often an idle log is looked at."),
      Field("summary_s", .integer(1...86_400), standard: "60", "How often a summary is logged."),
      Field("maximum_line_bytes", .integer(1024...(64 << 20)), standard: "1048576", "Longer lines are broken ones."),
      Field("rotation_grace_s", .integer(0...3600), standard: "5", "How long a rotated file is still watched."),
    ])

  init?(_ members: Members) {
    guard let file = members.text("file") else { return nil }
    self.init(file: file)
    follow = members.flag("follow") ?? follow
    mapping = members.text("mapping")
    assetsFile = members.text("assets_file")
    assets = members.list("assets").compactMap { AssetList.Entry($0) }
    tlp = members.choice("tlp") ?? tlp
    exercise = members.flag("exercise") ?? exercise
    admiralty = members.admiralty()
    excerptBytes = members.integer("excerpt_bytes") ?? excerptBytes
    batch = members.integer("batch") ?? batch
    pollMilliseconds = members.integer("poll_ms") ?? pollMilliseconds
    summarySeconds = members.integer("summary_s") ?? summarySeconds
    maximumLineBytes = members.integer("maximum_line_bytes") ?? maximumLineBytes
    rotationGraceSeconds = members.integer("rotation_grace_s") ?? rotationGraceSeconds
  }
}
