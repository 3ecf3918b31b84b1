internal import FoundationEssentials
internal import Glibc

/// What Linux says of a process.
enum ProcessFigures {
  static func ownCPUSeconds() -> Double { cpuSeconds(of: nil) }

  /// User and system time since its start; 0 when it is gone.
  static func cpuSeconds(of pid: Int32?) -> Double {
    guard let text = read(pid, "stat"), let end = text.lastIndex(of: ")") else { return 0 }
    let fields = text[text.index(after: end)...].split(separator: " ")
    // The fields are counted from the state, the third of the line.
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Resident memory now and at its most, in megabytes of 10^6 bytes.
  static func residentMegabytes(of pid: Int32?) -> (now: Double, peak: Double) {
    guard let text = read(pid, "status") else { return (0, 0) }
    func figure(_ name: String) -> Double {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return 0 }
      return (Double(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first ?? "") ?? 0) * 1024 / 1e6
    }
    return (figure("VmRSS:"), figure("VmHWM:"))
  }

  private static func read(_ pid: Int32?, _ name: String) -> String? {
    let path = "/proc/\(pid.map(String.init) ?? "self")/\(name)"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }
}
