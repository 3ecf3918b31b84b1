import CasusConfiguration
import CasusNames
import Glibc
import IJSON
import SystemFiles

/// What standard output and error are connected to. Nothing is coloured, redrawn or padded for a pipe.
enum Terminal {
  static let outputIsTerminal = isatty(1) == 1
  static let errorIsTerminal = isatty(2) == 1

  /// How many columns a line may take: the terminal's, or 80 where there is none.
  static var columns: Int {
    var size = winsize()
    guard outputIsTerminal, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return 80 }
    return Int(size.ws_col)
  }

  static let hasColour =
    outputIsTerminal && getenv("NO_COLOR") == nil && getenv("TERM").map { String(cString: $0) } != "dumb"

  /// A line on standard error; what in it steers a terminal is shown, since errors name files and quote what others sent. Its
  /// further lines are set in: none of them passes for one of ours.
  static func complain(_ text: String, prefix: Bool = true) {
    let shown = HarmlessText.shown(text, keeping: .lines)
    write(prefix ? "casus: \(shown.replacing("\n", with: "\n  "))\n" : shown + "\n", to: 2)
  }

  /// Writes a JSON object as a line.
  static func line(_ members: (inout JSONWriter) -> Void) { write(jsonLine(members)) }

  /// Writes an answer of the broker as a line.
  static func write(line bytes: [UInt8]) { write(String(decoding: bytes, as: UTF8.self) + "\n") }

  /// The same JSON with what steers a terminal as escapes.
  private static func escapedJSON(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0 != "\n" && HarmlessText.steers($0) }) else { return text }
    return text.unicodeScalars.map { scalar in
      guard scalar != "\n", HarmlessText.steers(scalar) else { return String(scalar) }
      return String(scalar).utf16.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined()
    }.joined()
  }

  /// Writes whole texts. A reader that went away ends the command quietly, as with other commands in a pipe.
  static func write(_ text: String, to descriptor: Int32 = 1) {
    // What is for people is harmless by now; JSON is others' words in quotes, which steer a terminal all the same.
    send(descriptor == 1 && outputIsTerminal ? escapedJSON(text) : text, to: descriptor)
  }

  /// Empties the screen, where there is one.
  static func clear() { if outputIsTerminal { send("\u{1b}[H\u{1b}[J", to: 1) } }

  /// Without a look at it: for what is to steer the terminal.
  private static func send(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if written >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        } else if errno == EPIPE {
          exit(0)
        } else if errno != EINTR {
          let status = ExitStatus(writing: SystemError(errno, "write"))
          let reason = SystemError.message(errno)
          if descriptor != 2 { complain("standard output cannot be written: \(reason)") }
          exit(status.rawValue)
        }
      }
    }
  }
}

/// A JSON object as a line.
func jsonLine(_ members: (inout JSONWriter) -> Void) -> String {
  var json = JSONWriter()
  json.object(members)
  return json.text + "\n"
}
