public import CasusConfiguration
internal import CasusCore
internal import CasusJournal

/// What `casusd --config FILE` may say: the table that its reader reads by, its help lists and the reference page is made from.
public enum ConfigurationFields {
  public static let retention = FieldTable(
    "retention",
    [
      Field(
        "max_bytes", .integer(65_536...(1 << 50)),
        "The journal's size, at least segment_bytes. This or max_age_s is needed."),
      Field("max_age_s", .integer(1...(1 << 40)), "Seconds since an event was recorded."),
      Field(
        "needed",
        .choice([
          ("keep", "what durable subscriptions still need stays, up to held_bytes and held_age_s"),
          ("cut", "it goes after grace_s"),
        ]),
        standard: "keep", "What becomes of segments that a durable subscription still needs."),
      Field(
        "grace_s", .integer(0...(1 << 30)), standard: "\(RetentionPolicy().grace)",
        "How long cut waits after it was told, in seconds."),
      Field(
        "held_bytes", .integer(0...(1 << 50)), standard: "\(RetentionPolicy().heldBytes)",
        "What one durable subscription may hold beyond the limits; the oldest of more goes, with keep too."),
      Field(
        "held_age_s", .integer(1...(1 << 40)), standard: "\(RetentionPolicy().heldAge)",
        "And how old that may be, in seconds."),
      Field(
        "gone_s", .integer(0...(1 << 30)), standard: "\(RetentionPolicy().gone)",
        "How long something is held for a plugin that the registry does not know any more, in seconds."),
    ])

  public static let table = FieldTable(
    "the broker's configuration",
    [
      Field("name", .name, standard: BrokerOptions().name, "Told to each plugin, and written into the journal."),
      Field(
        "identity", .identity, standard: BrokerOptions().identity,
        "The sender of the bus's own events. Nobody may register it."),
      Field(
        "listen", .list(.endpoint), required: true,
        "tcp://ADDRESS:PORT, tcp://[IPV6]:PORT, tcp://HOST:PORT, tcp://*:PORT or ipc:///PATH; an "
          + "address once. Port 0: the system chooses; ready tells."),
      Field("key", .path, "The broker's own key file, from casus keys new casus/broker."),
      Field("registry", .path, required: true, "A folder with one file an agency, read anew when one changes."),
      Field("journal", .path, required: true, "The journal's folder. One broker a journal."),
      Field("schemas", .path, "A folder of further schemas, TYPE.schema.json."),
      Field("ready", .path, "A file that is there while the broker listens: its process id and endpoints, as JSON."),
      Field("limits", .table(LimitFields.table), "What it takes and holds."),
      Field("exercise", .flag, standard: "false", "Marks the bus's own events as part of an exercise."),
      Field(
        "accept_replay", .flag, standard: "false",
        "Takes replays, from those with the role replay. For a broker that serves nothing live."),
      Field(
        "heartbeat_ms", .integer(100...600_000), standard: "\(BrokerOptions().heartbeat)",
        "A client that says nothing for three of these is taken for gone."),
      Field(
        "dedup_events", .integer(1_000...100_000_000), standard: "\(BrokerOptions().dedupEvents)",
        "So many of the last events are known again when they are repeated. 32 bytes of memory each."),
      Field(
        "segment_bytes", .integer(65_536...(1 << 40)), standard: "\(Configuration().segmentBytes)",
        "A segment of the journal ends beyond this size, or after 32,768 commits."),
      Field("compression", .words(["lz4", "none"]), standard: "lz4", "Of the journal's chunks."),
      Field(
        "start",
        .choice([
          ("quick", "the rest of the journal is read while the broker serves"),
          ("verify-all", "all of the journal is read before the port is opened"),
        ]), standard: "quick",
        "What is read of the journal before the port is opened: the last segment and the summaries of "
          + "the others, or everything."),
      Field(
        "sync",
        .choice([
          ("disk", "an acknowledgement survives a power cut"), ("os", "it survives only the broker's own end"),
        ]), standard: "disk", "What an acknowledgement waits for. os: it survives the broker's end and not a power cut."
      ),
      Field(
        "retention", .table(retention), standard: "everything is kept", "What is removed from the journal, and when."),
      Field(
        "unsafe_plain", .flag, standard: "false",
        "No encryption and no proof of keys. For measurements, on ipc:// and loopback alone."),
    ])
}
