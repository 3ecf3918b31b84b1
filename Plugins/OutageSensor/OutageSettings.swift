import CasusConfiguration
import CasusEvents
import CasusSensor

/// The sensor's settings, as the topology gives them. A name that is not among these is refused.
struct OutageSettings: Sendable {
  /// The drop folder.
  var folder: String
  /// False: stop when every file in the folder has been read.
  var follow = true
  var tlp = TLP.amber
  var exercise = false
  var admiralty: Admiralty?
  /// How often the folder is looked at, in milliseconds.
  var pollMilliseconds = 500
  /// A larger file is left where it is, unread.
  var mostBytes = 16 << 20

  init(folder: String) { self.folder = folder }

  static let table = FieldTable(
    "the outage sensor's settings",
    [
      Field("folder", .path, required: true, "The drop folder."),
      Field("follow", .flag, standard: "true", "False: stop when every file in the folder has been read."),
    ] + SensorFields.marks + [
      Field("poll_ms", .integer(10...600_000), standard: "500", "How often the folder is looked at."),
      Field(
        "max_bytes", .integer(1_024...67_108_864), standard: "16777216", "A larger file is left where it is, unread."),
    ])

  init?(_ members: Members) {
    guard let folder = members.text("folder") else { return nil }
    self.init(folder: folder)
    follow = members.flag("follow") ?? follow
    tlp = members.choice("tlp") ?? tlp
    exercise = members.flag("exercise") ?? exercise
    admiralty = members.admiralty()
    pollMilliseconds = members.integer("poll_ms") ?? pollMilliseconds
    mostBytes = members.integer("max_bytes") ?? mostBytes
  }
}
