package import Logging

/// Something for the log of a sensor: a sentence, and values by name.
package struct SensorNote: Equatable, Sendable {
  package var isWarning: Bool
  package var text: String
  package var values: [String: String]

  package init(_ text: String, _ values: [String: String] = [:], isWarning: Bool = true) {
    self.isWarning = isWarning
    self.text = text
    self.values = values
  }
}

extension Logger {
  package func log(_ note: SensorNote) {
    log(level: note.isWarning ? .warning : .info, "\(note.text)", metadata: note.values.mapValues { "\($0)" })
  }
}
