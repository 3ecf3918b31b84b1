public import CasusConfiguration
internal import CasusNames
internal import CasusWire

/// What a topology may say: the table that its reader reads by and the reference page is made from.
public enum TopologyFields {
  static let when = Field.Kind.choice([
    (RestartPolicy.When.always.rawValue, "after any end"), (RestartPolicy.When.onFailure.rawValue, "after a crash"),
    (RestartPolicy.When.never.rawValue, ""),
  ])

  static let restart = FieldTable(
    "restart",
    [
      Field("when", when, standard: RestartPolicy().when.rawValue, "When a process that ended is started again."),
      Field(
        "delay", .span, standard: TimeSpan.written(RestartPolicy().delay),
        "Before the first restart; doubled for each further crash within the window."),
      Field("longest", .span, standard: TimeSpan.written(RestartPolicy().longestDelay), "The delay's bound."),
      Field(
        "crashes", .integer(1...1000), standard: "\(RestartPolicy().crashes)",
        "So many within the window are a crash loop: it stays down."),
      Field(
        "window", .span, standard: TimeSpan.written(RestartPolicy().window), "The span in which crashes are counted."),
    ])

  private static let process = [
    Field(
      "restart", .any("one of restart.when's words, or a mapping of when, delay, longest, crashes, window"),
      standard: RestartPolicy().when.rawValue, "When it is started again after it ended.")
  ]

  static let broker = FieldTable(
    "broker",
    [
      Field("name", .name, standard: "casus", "Told to each plugin; the name at the top counts more."),
      Field(
        "listen", .list(.endpoint), standard: "[\"tcp://127.0.0.1:0\"]",
        "tcp://HOST:PORT or ipc:///PATH; an address once. Port 0: the system chooses, and the choice "
          + "is kept for restarts."),
      Field("limits", .table(LimitFields.table), "What it takes and holds."),
      Field("exercise", .flag, standard: "false", "Marks the bus's own events as part of an exercise."),
      Field(
        "accept_replay", .flag, standard: "false",
        "Takes replays, from those with the role replay. For a broker that serves nothing live."),
      Field("run", .list(.text), standard: "[casusd]", "The program and its first arguments."),
    ] + process + [
      Field(
        "stop", .span, standard: TimeSpan.written(Topology.Broker().stopTimeout), "Between SIGTERM and SIGKILL.")
    ])

  static let agency = FieldTable("an agency", RegistryDocument.agencyFields)

  static let plugin = FieldTable(
    "a plugin",
    [
      Field("name", .identity, required: true, "Who it is: AGENCY/PLUGIN, as jp.nisc/suricata-1."),
      Field(
        "run", .list(.text), required: true,
        "The program and its arguments; a program with a slash is relative to the topology's folder."),
      Field("input", .path, "A file that becomes its standard input."),
      Field("environment", .map(.text), "Further variables of its environment; those of CASUS_ are casus up's own."),
      Field(
        "settings", .any("any mapping"),
        "What the plugin itself may be told; becomes a JSON file that CASUS_SETTINGS names."),
    ] + RegistryDocument.rights + [RegistryDocument.groups] + process + [
      Field(
        "stop", .span, standard: TimeSpan.written(Topology.Plugin.usualStopTimeout), "Between SIGTERM and SIGKILL.")
    ])

  static let person = FieldTable(
    "one of people",
    [Field("name", .identity, required: true, "Who it is, for casus … --as.")] + RegistryDocument.rights)

  public static let topology = FieldTable(
    "the topology",
    [
      Field("name", .name, standard: "casus", "The broker's name."),
      Field("broker", .table(broker), "The broker that is started."),
      Field("agencies", .map(.table(agency)), "Every agency that a plugin or a person belongs to."),
      Field("plugins", .list(.table(plugin)), standard: "[]", "A process each."),
      Field(
        "people", .list(.table(person)), standard: "[]", "Those who use the bus by hand: a key and rights, no process."),
    ])
}
