import ArgumentParser

/// Runs suites that others wrote over the strict JSON reader and the schema validator.
@main
struct Conformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs conformance suites, given as files, over Casus' JSON reader and JSON Schema validator.",
    discussion: """
      Exit status: 0 when everything passed or was read, 1 on a failure, 2 when a file or folder can't be read, \
      64 on wrong usage.
      """,
    subcommands: [SchemaSuite.self, JSONFiles.self])
}
