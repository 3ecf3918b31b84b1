import ArgumentParser
import CasusEvents
import CasusNames
import CasusPlugin

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the broker, its journal and every plugin.",
    discussion: """
      For each plugin: what it published, what was refused, what was delivered to it and acknowledged by it, what is \
      pending, and how many events it is behind (lag). With --json the broker's own answer, one object.

      --until settled waits until no plugin has anything pending or is behind: then everything that follows from what \
      was published has been published as well. Exit code 1 when that does not come within --timeout.

      EXAMPLE: casus status --until settled --timeout 30s --json
      """)

  @OptionGroup var link: LinkOptions

  @Flag(help: "One JSON object.")
  var json = false

  @Flag(help: "Show it in 80 columns, again every two seconds, until Ctrl-C.")
  var watch = false

  enum Condition: String, CaseIterable, ExpressibleByArgument { case settled }

  @Option(help: "Wait first until this holds: settled.")
  var until: Condition?

  @Option(help: ArgumentHelp("How long to wait, as 30s.", valueName: "duration"))
  var timeout = "60s"

  func validate() throws {
    if watch, json || until != nil { throw ValidationError("--watch goes with neither --json nor --until") }
    if TimeSpan.nanoseconds(timeout) == nil {
      throw ValidationError("--timeout takes a span of time as 500ms, 30s or 5m, not \(timeout)")
    }
  }

  func run() async throws {
    if watch { return try await look() }
    let deadline = ContinuousClock.now + .nanoseconds(TimeSpan.nanoseconds(timeout) ?? 0)
    var isMet = true
    let bytes = try await link.withBus("status") { bus in
      while true {
        let bytes = try await bus.request("status", [:])
        guard until != nil else { return bytes }
        isMet = try StatusView.decode(bytes).isSettled
        if isMet || ContinuousClock.now >= deadline { return bytes }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    try show(bytes)
    if !isMet { throw Failure(.partly, "not settled within \(timeout)") }
  }

  /// Until it is interrupted; a broker that goes away is waited for.
  private func look() async throws {
    let work = Task {
      try await link.withBus("status", waits: true) { bus in
        while true {
          let view = try StatusView.decode(try await bus.request("status", [:]))
          Terminal.clear()
          Terminal.write(view.narrow(columns: 80))
          try await Task.sleep(for: .seconds(2))
        }
      }
    }
    let interrupt = Interrupt { work.cancel() }
    defer { interrupt.cancel() }
    do { try await work.value } catch  where work.isCancelled {}
  }

  private func show(_ bytes: [UInt8]) throws {
    if json {
      Terminal.write(line: bytes)
    } else {
      Terminal.write(try StatusView.decode(bytes).text)
    }
  }
}
