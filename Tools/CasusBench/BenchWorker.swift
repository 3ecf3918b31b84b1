internal import CPlatform
internal import ZeroMQ

/// A worker's process: asks what it is to do, does it, tells its figures.
public enum BenchWorker {
  /// - Parameter endpoint: where the measurement gives its orders.
  public static func run(_ endpoint: String) throws {
    casus_memory_keep()
    let line = try OrderLine(endpoint)
    try line.say(.hello)
    guard case .work(let order) = try line.listen() else { return }
    do {
      switch order.kind {
      case "p": try PublishWorker(order, line).run()
      case "h": try HistoryWorker(order, line).run()
      case "q": try SeekWorker(order, line).run()
      case "i": try CrowdWorker(order, line).run()
      default: try ReadWorker(order, line).run()
      }
    } catch {
      try OrderLine(endpoint).say(.failed("\(order.identity): \(error)"))
    }
  }
}
