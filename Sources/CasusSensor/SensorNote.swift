public import Logging

/// Something for the log of a sensor: a sentence, and values by name.
public struct SensorNote: Equatable, Sendable {
  public var isWarning: Bool
  public var text: String
  public var values: [String: String]

  public init(_ text: String, _ values: [String: String] = [:], isWarning: Bool = true) {
    self.isWarning = isWarning
    self.text = text
    self.values = values
  }
}

extension Logger {
  public func log(_ note: SensorNote) {
    log(level: note.isWarning ? .warning : .info, "\(note.text)", metadata: note.values.mapValues { "\($0)" })
  }
}
