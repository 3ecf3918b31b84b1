// swift-tools-version: 6.2
import PackageDescription

// The folder list is the architecture: a target a sentence (ARCHITECTURE.md), imports point one way.
// `Tests/ArchitectureTests` compares this table with the one written there.

// What measures and tests Casus is built when this is set, and by nobody who only uses it: neither those targets nor what
// they alone depend on are in a user's graph. `deploy/build-tools` and `deploy/test` set it.
let hasTools = Context.environment["CASUS_TOOLS"] != nil

// In CI only: a user's newer compiler must not break the build.
let strict = Context.environment["CASUS_STRICT"] != nil

let swift: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + (strict ? [.treatAllWarnings(as: .error)] : [])

// The broker's own modules call each other for each event, through generics that only specialised code makes cheap; and
// what belongs to one thread needs no run-time check of exclusive access: without the checks a broker takes 7 % more events
// a second, one to one and two to two, for 6 % less CPU each (medians of 6 interleaved pairs of `casus bench --duration 3`).
// Unsafe flags keep a target from being a dependency of other packages: none of these is in what plugins import.
let hot: [SwiftSetting] =
  swift + [
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release))
  ]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")

/// A C library of the system, linked by its module map. A package that is not installed is an error that names it: each
/// header that wants one, here and in the shims, looks first. (pkg-config would add a warning of the same words, and warns
/// of libzmq, RE2 and simdjson where they are installed, whose flags SwiftPM does not accept.)
func system(_ name: String, apt package: String) -> Target {
  .systemLibrary(name: name, providers: [.apt([package])])
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swift)
}

func hotLibrary(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: hot)
}

func plugin(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: ["CasusPlugin", "CasusEvents"] + dependencies, path: "Plugins/\(name)",
    exclude: exclude, swiftSettings: swift)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [argumentParser], path: "Tools/\(name)", swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swift)
}

let package = Package(
  name: "casus",
  products: [
    // The keys that a connection names are ZeroMQ's.
    .library(name: "CasusPlugin", targets: ["CasusPlugin", "CasusEvents", "ZeroMQ"]),
    .library(name: "CasusSensor", targets: ["CasusSensor", "IJSON"]),
    .library(name: "CasusTestKit", targets: ["CasusTestKit"]),
    .executable(name: "casus", targets: ["casus"]),
    .executable(name: "casusd", targets: ["casusd"]),
    .executable(name: "suricata-sensor", targets: ["SuricataSensor"]),
    .executable(name: "outage-sensor", targets: ["OutageSensor"]),
    .executable(name: "incident-correlator", targets: ["IncidentCorrelator"]),
    .executable(name: "attribution-analyzer", targets: ["AttributionAnalyzer"]),
    .executable(name: "purpose-analyzer", targets: ["PurposeAnalyzer"]),
    .executable(name: "damage-estimator", targets: ["DamageEstimator"]),
    .executable(name: "decision-recorder", targets: ["DecisionRecorder"]),
    .executable(name: "example-counter", targets: ["ExampleCounter"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // C and C++ behind small headers
    system("CZeroMQ", apt: "libzmq3-dev"),
    system("CLZ4", apt: "liblz4-dev"),
    system("CLibYAML", apt: "libyaml-dev"),
    system("CSQLite", apt: "libsqlite3-dev"),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CMCAP"),
    .target(name: "CPlatform"),
    .target(name: "CPrefetch"),
    .target(name: "CContracts"),

    // Knows nothing of Casus
    library("SystemFiles", ["CPlatform"]),
    library("ZeroMQ", ["CZeroMQ", "CPlatform", "SystemFiles"]),
    library("IJSON", ["CSimdjson"]),
    hotLibrary("JSONSchema", ["IJSON", "CRE2"]),
    hotLibrary("MCAP", ["CLZ4", "CMCAP"]),
    library("YAML", ["CLibYAML"]),
    library("SQLite", ["CSQLite"]),

    // The vocabulary and the protocol
    library("CasusNames"),
    library("SeededRandom"),
    library("CasusEvents", ["IJSON", "CContracts", "CCrypto"], exclude: ["Schemas"]),
    library("CasusWire", ["CasusNames", "IJSON", "CasusEvents", "CContracts"], exclude: ["errors.json"]),
    library(
      "CasusConfiguration", ["CasusNames", "SystemFiles", "IJSON", "CasusEvents", "CasusWire", "YAML", "ZeroMQ"]),
    library("CasusLedger", ["SystemFiles", "CasusEvents", "CCrypto"]),
    library(
      "CasusCases", ["CasusConfiguration", "CasusNames", "CasusEvents", "CasusLedger", "IJSON", "JSONSchema"]),

    // The broker
    hotLibrary("CasusCore", ["CasusNames", "CPrefetch", "CasusWire", "CasusEvents", deque, heap]),
    hotLibrary("CasusJournal", ["CasusNames", "MCAP", "SystemFiles", "CasusEvents"]),
    hotLibrary(
      "CasusServer",
      [
        "CasusConfiguration", "SystemFiles", "CasusNames", "CasusCore", "CasusJournal", "CasusWire", "CasusEvents",
        "ZeroMQ", "IJSON", "YAML",
        "JSONSchema", "CPlatform", deque,
      ]),
    .executableTarget(
      name: "casusd", dependencies: ["CasusConfiguration", "CasusNames", "CasusServer", argumentParser],
      swiftSettings: swift),

    // For those who use it
    library(
      "CasusPlugin",
      [
        "CasusConfiguration", "SystemFiles", "CasusNames", "IJSON", "CasusWire", "CasusEvents", "ZeroMQ", "CPlatform",
        logging, deque,
      ]),
    library(
      "CaseIndex", ["CasusCases", "CasusPlugin", "CasusEvents", "CasusLedger", "IJSON", "SQLite", "SystemFiles"]),
    library(
      "CasusSensor",
      ["CasusConfiguration", "CasusNames", "SystemFiles", "IJSON", "CasusPlugin", "CasusEvents", "YAML", logging]),
    library(
      "CasusTestKit",
      ["SystemFiles", "CasusPlugin", "CasusEvents", "CasusWire", "ZeroMQ", "CPlatform"]),
    library("CasusReplay", ["MCAP", "SystemFiles", "CasusJournal", "CasusWire", "CasusEvents", "CasusPlugin"]),
    library(
      "CasusLaunch",
      [
        "CasusConfiguration", "SystemFiles", "CasusNames", "SeededRandom", "CasusEvents", "CasusWire", "IJSON",
        "CPlatform", "ZeroMQ", "YAML",
      ]),
    .executableTarget(
      name: "casus",
      dependencies: [
        "CasusConfiguration", "SystemFiles", "CasusNames", "CasusLaunch", "CasusPlugin", "CasusEvents", "CasusWire",
        "CasusCases", "CaseIndex",
        "CasusLedger",
        "CasusReplay",
        "CasusJournal", "ZeroMQ", "IJSON", "JSONSchema", argumentParser, logging,
      ], swiftSettings: swift),

    // A process each; nothing of the broker
    .target(name: "CSuricataMapping", path: "Plugins/SuricataSensor/C"),
    plugin(
      "SuricataSensor",
      ["CasusConfiguration", "CasusNames", "CasusSensor", "SystemFiles", "IJSON", "CSuricataMapping", logging],
      exclude: ["C", "mapping.yaml"]),
    plugin(
      "OutageSensor", ["CasusConfiguration", "CasusNames", "CasusSensor", "SystemFiles", "IJSON", "YAML", logging]),
    .target(name: "CKnowledge", path: "Plugins/Knowledge/C"),
    .target(
      name: "Knowledge", dependencies: ["CKnowledge", "IJSON"], path: "Plugins/Knowledge/Swift", swiftSettings: swift),
    .target(
      name: "Assessment", dependencies: ["CasusPlugin", "CasusEvents"], path: "Plugins/Assessment", swiftSettings: swift
    ),
    plugin("IncidentCorrelator", ["CasusNames", "Assessment", "Knowledge"]),
    plugin("AttributionAnalyzer", ["CasusNames", "Assessment", "Knowledge"]),
    plugin("PurposeAnalyzer", ["CasusNames", "Assessment", "Knowledge"]),
    plugin("DamageEstimator", ["CasusNames", "SeededRandom", "Assessment", "Knowledge"]),
    plugin(
      "DecisionRecorder", ["CasusConfiguration", "CasusNames", "CasusCases", "CaseIndex", "CasusLedger", logging]),
    plugin("ExampleCounter"),

    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: swift),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests(
      "CasusConfigurationTests",
      ["CasusConfiguration", "CasusNames", "SystemFiles", "CasusEvents", "CasusWire", "YAML"]),
    tests("CasusNamesTests", ["TestSupport", "CasusNames"]),
    tests("SystemFilesTests", ["TestSupport", "SystemFiles"]),
    tests("ZeroMQTests", ["TestSupport", "SystemFiles", "ZeroMQ"]),
    tests("IJSONTests", ["TestSupport", "IJSON", "SeededRandom", "CAllocations"], exclude: ["fetch-suite"]),
    tests(
      "JSONSchemaTests", ["TestSupport", "JSONSchema", "IJSON", "SeededRandom", "CAllocations"],
      exclude: ["fetch-suite"]),
    tests("MCAPTests", ["TestSupport", "MCAP"], exclude: ["mcap_peer.py"]),
    tests("YAMLTests", ["TestSupport", "YAML", "SeededRandom"]),
    tests(
      "CasusEventsTests", ["TestSupport", "CasusEvents", "IJSON", "JSONSchema"],
      exclude: ["schemas.py", "cloudevents_peer.py"]),
    tests("CasusWireTests", ["TestSupport", "CasusWire", "CasusEvents", "IJSON", "SeededRandom"]),
    tests(
      "CasusLedgerTests",
      [
        "TestSupport", "CasusConfiguration", "CasusLedger", "CasusCases", "CaseIndex", "SQLite", "CasusEvents",
        "CasusPlugin", "DecisionRecorder", "IJSON", "JSONSchema", "SeededRandom", "SystemFiles",
      ],
      exclude: ["peers.py"]),
    tests(
      "CasusCoreTests",
      [
        "TestSupport", "CasusCore", "CasusPlugin", "CasusWire", "CasusEvents", "SeededRandom", "ZeroMQ", deque,
      ]),
    tests(
      "CasusJournalTests",
      [
        "TestSupport", "CasusNames", "CasusJournal", "CasusReplay", "CasusWire", "CasusPlugin", "CasusEvents", "MCAP",
        "SeededRandom",
      ]),
    tests(
      "CasusServerTests",
      [
        "TestSupport", "CasusConfiguration", "SystemFiles", "CasusNames", "CasusServer", "CasusCore", "CasusJournal",
        "CasusWire", "CasusEvents", "ZeroMQ", "CAllocations",
      ]),
    tests(
      "CasusPluginTests",
      [
        "TestSupport", "SeededRandom", "SystemFiles", "CasusNames", "CasusPlugin", "CasusTestKit", "CasusWire",
        "CasusEvents", "ZeroMQ", "ExampleCounter", logging,
      ]),
    tests("CasusTestKitTests", ["CasusTestKit", "CasusPlugin", "CasusEvents", "casusd"]),
    tests(
      "CasusLaunchTests",
      ["TestSupport", "CasusConfiguration", "SystemFiles", "CasusNames", "CasusLaunch", "CasusEvents"]),
    tests(
      "SensorTests",
      [
        "TestSupport", "YAML", "CasusConfiguration", "SuricataSensor", "OutageSensor", "IncidentCorrelator",
        "CasusSensor", "CasusEvents", "CasusPlugin", "JSONSchema", "IJSON", "SeededRandom",
      ]),
    tests(
      "AnalyzerTests",
      [
        "TestSupport", "IncidentCorrelator", "AttributionAnalyzer", "PurposeAnalyzer", "DamageEstimator",
        "DecisionRecorder", "Assessment", "Knowledge", "CasusEvents", "CasusPlugin", "CasusTestKit", "IJSON",
        "JSONSchema", "SeededRandom",
      ]),
    tests("ArchitectureTests", []),
    tests(
      "DocumentationTests",
      [
        "TestSupport", "CasusNames", "CasusConfiguration", "CasusLaunch", "CasusServer", "CasusTestKit", "CasusWire",
        "casus",
      ]),
    tests(
      "IntegrationTests",
      [
        "TestSupport", "CasusJournal", "CasusCore", "CasusServer", "CasusPlugin", "CasusTestKit", "CasusWire",
        "CasusEvents", "CasusLedger", "CasusNames", "ZeroMQ", "CPlatform", "casusd", "casus", "ExampleCounter",
      ]),
  ],
  cxxLanguageStandard: .cxx17
)

if hasTools {
  package.dependencies.append(.package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"))
  package.products += [
    .executable(name: "casus-bench", targets: ["casus-bench"]),
    // Preloaded into the broker by `casus bench`.
    .library(name: "casus-allocations", type: .dynamic, targets: ["CasusAllocations"]),
    .executable(name: "conformance", targets: ["conformance"]),
    .executable(name: "soak-load", targets: ["SoakLoad"]),
  ]
  package.targets += [
    .target(name: "CasusAllocations", path: "Tools/CasusAllocations"),
    .target(
      name: "CasusBench",
      dependencies: [
        "SystemFiles", "SeededRandom", "CasusJournal", "CasusLaunch", "CasusPlugin", "CasusEvents", "CasusWire",
        "ZeroMQ", "CPlatform", logging, deque, .product(name: "Histogram", package: "hdrhistogram-swift"),
      ], path: "Tools/CasusBench", swiftSettings: swift),
    tool("casus-bench", ["CasusNames", "CasusEvents", "CasusBench"]),
    tool("conformance", ["IJSON", "JSONSchema"]),
    tool("SoakLoad", ["CasusPlugin", "CasusEvents", "CasusWire", "CasusJournal", "MCAP", "ZeroMQ"]),
    .executableTarget(
      name: "ContractsBenchmark", dependencies: ["CasusEvents", "IJSON", "JSONSchema"],
      path: "Tests/Benchmarks/Contracts", swiftSettings: swift),
    tests("ConformanceTests", ["conformance", argumentParser]),
    tests("CasusBenchTests", ["CasusBench", "CasusEvents", "IJSON", "JSONSchema"]),
  ]
}

// With a sanitizer, which `Tests/soak/fuzz` asks for.
if Context.environment["CASUS_FUZZ"] != nil {
  package.targets += [
    .target(name: "CFuzzer", path: "Tests/Fuzz/Driver"),
    .executableTarget(
      name: "CasusFuzz",
      dependencies: [
        "CFuzzer", "IJSON", "JSONSchema", "MCAP", "CasusEvents", "CasusWire", "CasusCore", "CasusJournal",
        "CasusServer", "CasusLaunch", "CasusConfiguration", "YAML", "ZeroMQ",
      ], path: "Tests/Fuzz/Targets", swiftSettings: swift),
  ]
}
