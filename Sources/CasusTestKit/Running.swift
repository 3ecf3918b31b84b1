public import CasusPlugin

extension Analyzer {
  /// Runs the analyzer in this process over a connection, as its own program would, until the task is cancelled.
  ///
  /// Throws what ends it otherwise: `BusError` when the connection's patience is over or the broker has none of it.
  public static func run(over connection: Connection, settings: Settings = .none) async throws {
    let analyzer = try Self(settings: settings)
    try await onBus(connection) { bus in try await analyzer.run(on: bus) }
  }
}

extension Plugin {
  /// Runs the plugin in this process over a connection, as its own program would, until it returns or the task is
  /// cancelled. Throws what `run(on:)` throws, and `BusError` for the connection.
  public static func run(over connection: Connection, settings: Settings = .none) async throws {
    let plugin = try Self(settings: settings)
    try await onBus(connection) { bus in try await plugin.run(on: bus) }
  }
}

private func onBus(_ connection: Connection, _ work: (Bus) async throws -> Void) async throws {
  let bus = try await Bus.connect(connection)
  do {
    try await work(bus)
  } catch {
    await bus.close()
    // A test that has seen enough cancels the task.
    if !(error is CancellationError) { throw error }
    return
  }
  await bus.close()
}
