import CasusNames
import Glibc
public import Logging

/// Writes log entries to standard error, one line each: `LEVEL message key=value key="two words"`.
///
/// A line goes out with one `write`, so that lines of several threads and processes do not mix. What would break a line or
/// steer a terminal is shown instead. The level is coloured on a terminal only. No time: the launcher or the system's journal
/// adds it.
public struct StderrLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  private let descriptor: Int32
  private let colours: Bool

  public init(level: Logger.Level = .info) { self.init(level: level, descriptor: STDERR_FILENO) }

  init(level: Logger.Level, descriptor: Int32) {
    logLevel = level
    self.descriptor = descriptor
    colours = isatty(descriptor) == 1
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    var line = Self.line(level: event.level, message: event.message.description, metadata: all, colours: colours)
    line.append("\n")
    line.withUTF8 { text in
      var rest = UnsafeRawBufferPointer(text)
      while !rest.isEmpty {
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno != EINTR { return }
        if count > 0 { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
      }
    }
  }

  static func line(level: Logger.Level, message: String, metadata: Logger.Metadata, colours: Bool) -> String {
    var line = level.rawValue.uppercased()
    if colours {
      let colour = level >= .error ? "31" : level == .warning ? "33" : "2"
      line = "\u{1b}[\(colour)m\(line)\u{1b}[0m"
    }
    line += " " + HarmlessText.shown(message)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var text = HarmlessText.shown(value.description)
      let isBare = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x3d }
      if !isBare {
        // A quote in it is none that ends it.
        if text.contains("\"") { text = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
        text = "\"\(text)\""
      }
      line += " \(key)=\(text)"
    }
    return line
  }
}
