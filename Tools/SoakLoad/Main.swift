import ArgumentParser

/// The load and the judge of the long tests in `Tests/soak`: publishers and subscribers that note what they were told, and an
/// audit that holds these notes against the journal. Not part of the product.
@main struct SoakLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak-load", abstract: "Load and judge for the tests in Tests/soak.",
    subcommands: [
      Prepare.self, PublishLoad.self, ConsumeLoad.self, Probe.self, ReadAll.self, BadEvents.self, Strangers.self,
      Flips.self,
      Ask.self, Audit.self, ListAll.self,
    ])
}
