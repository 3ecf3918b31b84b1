internal import CasusPlugin
internal import Logging
internal import Synchronization
internal import SystemFiles
internal import ZeroMQ

/// The SDK's bus of a worker, for a worker that waits on a thread of its own: a bell rings when something has come.
final class BenchBus: Sendable {
  let bus: Bus

  init(_ order: WorkerOrder, schemas: [EventSchema] = []) throws {
    guard let server = CurvePublicKey(z85: order.brokerKey), let secret = CurveSecretKey(z85: order.secretKey) else {
      throw BenchError("a key of the order is none")
    }
    var connection = Connection(
      endpoint: order.endpoint, brokerKey: server, keys: try CurveKeyPair(secretKey: secret), identity: order.identity,
      manifest: Manifest(
        program: "casus-bench", version: "1", summary: "", publishes: [], subscribes: [], schemas: schemas),
      patience: .seconds(60))
    connection.isEncrypted = order.plan.curve
    connection.outboxEvents = Connection.mostOutboxEvents
    connection.outboxBytes = Connection.mostOutboxBytes
    let ready = connection
    let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    bus = try Self.wait { try await Bus.connect(ready, logger: quiet) }
  }

  /// Waits on this thread for what a task brings.
  static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let bell = try WakeUp()
    let result = Shelf<Result<Value, any Error>>()
    Task {
      do { result.put(.success(try await body())) } catch { result.put(.failure(error)) }
      bell.ring()
    }
    var poller = Poller()
    poller.add(fileDescriptor: bell.fileDescriptor)
    while true {
      if let first = result.take().first { return try first.get() }
      _ = try poller.wait(for: nil)
    }
  }
}

/// What tasks lay down and a thread takes. Thread-safe.
final class Shelf<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  func put(_ value: Value) { values.withLock { $0.append(value) } }
  func take() -> [Value] {
    values.withLock { values in
      defer { values = [] }
      return values
    }
  }
}
