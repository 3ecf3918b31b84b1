public import CasusEvents
internal import CasusNames
internal import Glibc
internal import IJSON

/// Prints the processes' lines and the launcher's own, each under a name; on a terminal each name has its colour.
/// Belongs to the launcher's thread. A reader that went away ends the printing, not the launch.
public struct LogPrinter: Sendable {
  public enum Form: Sendable {
    case plain
    case colour
    /// One JSON object a line.
    case json
  }

  /// The launcher's own name before its lines.
  public static let ownName = "casus"
  private static let colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]

  private let form: Form
  private let width: Int
  private let colours: [String: Int]
  private let descriptor: Int32
  private let now: @Sendable () -> Timestamp
  private var isClosed = false

  /// - Parameters:
  ///   - names: of the processes, for the width and the colours.
  ///   - descriptor: where to print; stays the caller's.
  ///   - now: when a line is printed, in UTC.
  public init(form: Form, names: [String], descriptor: Int32, now: @escaping @Sendable () -> Timestamp) {
    self.form = form
    self.descriptor = descriptor
    self.now = now
    width = (names + [Self.ownName]).map(\.utf8.count).max() ?? 0
    let assigned = names.enumerated().map { ($1, Self.colours[$0 % Self.colours.count]) }
    colours = Dictionary(assigned) { first, _ in first }
  }

  /// A line that a process wrote. What steers a terminal is shown, not obeyed; tabs stay.
  mutating func line(_ name: String, _ bytes: some Sequence<UInt8>, isError: Bool) {
    let text = HarmlessText.shown(String(decoding: Array(bytes), as: UTF8.self), keeping: .tabs)
    switch form {
    case .json:
      let time = time
      write { json in
        json.string("name", name)
        json.string("stream", isError ? "stderr" : "stdout")
        json.string("line", text)
        json.string("time", time)
      }
    case .plain, .colour:
      write("\(prefix(name))\(text)\n")
    }
  }

  /// A line of the launcher about a process, or about the whole when `name` is nil.
  mutating func say(_ text: String, event: String, about name: String? = nil) {
    switch form {
    case .json:
      let time = time
      write { json in
        if let name { json.string("name", name) }
        json.string("event", event)
        json.string("text", text)
        json.string("time", time)
      }
    case .plain, .colour:
      write("\(prefix(Self.ownName))\(name.map { "\($0) " } ?? "")\(text)\n")
    }
  }

  /// To the millisecond.
  private var time: String {
    let now = now().nanoseconds
    return Timestamp(nanoseconds: now - now % 1_000_000).rfc3339
  }

  /// Of a line for people: the time of day, and who says it.
  private func prefix(_ name: String) -> String {
    func padded(_ number: Int64, _ digits: Int = 2) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let now = now().nanoseconds / 1_000_000 % 86_400_000
    let minute = "\(padded(now / 3_600_000)):\(padded(now / 60_000 % 60))"
    let clock = "\(minute):\(padded(now / 1000 % 60)).\(padded(now % 1000, 3))"
    let cell = name + String(repeating: " ", count: max(0, width - name.utf8.count))
    guard case .colour = form else { return "\(clock) \(cell) | " }
    return "\(clock) \u{1b}[\(colours[name] ?? 1)m\(cell) |\u{1b}[0m "
  }

  private mutating func write(_ members: (inout JSONWriter) -> Void) {
    var json = JSONWriter(capacity: 256)
    json.object(members)
    write(json.text + "\n")
  }

  private mutating func write(_ text: String) {
    guard !isClosed else { return }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Somebody made our output non-blocking; wait for room.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, 1000)
      } else if errno != EINTR {
        isClosed = true
        return
      }
    }
  }
}
