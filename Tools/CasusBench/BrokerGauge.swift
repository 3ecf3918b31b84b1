internal import FoundationEssentials
internal import Glibc

/// Heap allocations of another process, as a preloaded library counts them in a file that both map.
final class AllocationCounter {
  let path: String
  private let count: UnsafePointer<UInt64>?

  init(_ path: String) {
    self.path = path
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { if file >= 0 { close(file) } }
    guard file >= 0, ftruncate(file, 4096) == 0,
      let memory = mmap(nil, 4096, PROT_READ, MAP_SHARED, file, 0), memory != MAP_FAILED
    else {
      count = nil
      return
    }
    count = UnsafePointer(memory.assumingMemoryBound(to: UInt64.self))
  }

  deinit { if let count { munmap(UnsafeMutableRawPointer(mutating: count), 4096) } }

  /// Since the process began.
  var value: UInt64 { count?.pointee ?? 0 }
}

/// What the broker costs while it works.
struct BrokerGauge {
  private let pid: Int32
  private let counter: AllocationCounter?
  private let idleMegabytes: Double
  private let cpuAtStart: Double
  private let startMilliseconds: Double
  /// At the first look after a third of the time: what only warms up is over.
  private var warm: (allocations: UInt64, events: UInt64)?
  private var last: (allocations: UInt64, events: UInt64)?
  private var final: (cpu: Double, resident: Double, peak: Double) = (0, 0, 0)

  init(pid: Int32, counter: AllocationCounter?, startMilliseconds: Double) {
    self.startMilliseconds = startMilliseconds
    self.pid = pid
    self.counter = counter
    idleMegabytes = ProcessFigures.residentMegabytes(of: pid).now
    cpuAtStart = ProcessFigures.cpuSeconds(of: pid)
  }

  mutating func look(at share: Double, events: UInt64) {
    guard let counter else { return }
    if warm == nil, share >= 1.0 / 3, share < 1 { warm = (counter.value, events) }
    if share < 1 { last = (counter.value, events) }
  }

  mutating func end() {
    let memory = ProcessFigures.residentMegabytes(of: pid)
    final = (ProcessFigures.cpuSeconds(of: pid) - cpuAtStart, memory.now, memory.peak)
  }

  var figures: BenchReport.Broker {
    var allocations: Double?
    if let warm, let last, last.events > warm.events {
      allocations = Double(last.allocations - warm.allocations) / Double(last.events - warm.events)
    }
    return .init(
      rssMegabytes: final.peak, idleMegabytes: idleMegabytes, finalMegabytes: final.resident, cpuSeconds: final.cpu,
      startMilliseconds: startMilliseconds, allocationsPerEvent: allocations)
  }
}
