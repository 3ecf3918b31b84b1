import CasusNames
import IJSON

/// What `casus health` says of a broker's status. A plain value.
struct HealthView {
  /// Alerts in the one line.
  private static let mostTold = 8

  let alerts: [StatusView.Alert]
  private let status: StatusView

  /// - Throws: where the broker is older than alerts: nobody can say that it is healthy.
  init(_ status: StatusView, criticalOnly: Bool) throws {
    guard let all = status.alerts else { throw Failure(.failed, StatusView.tellsNoAlerts) }
    self.status = status
    alerts = criticalOnly ? all.filter(\.isCritical) : all
  }

  /// `healthy`, or the gravest severity that there is; `not-critical` where only critical ones were asked for and there are others.
  var state: String { alerts.first?.severity ?? ((status.alerts ?? []).isEmpty ? "healthy" : "not-critical") }

  /// One line, whatever plugins say of themselves.
  var line: String {
    guard !alerts.isEmpty else {
      let here = status.plugins.filter(\.isConnected).count
      let free = status.journal.free.map { ", \(Figure.bytes(Int64(clamping: $0))) free" } ?? ""
      return HarmlessText.shown(
        "\(state): \(status.broker.name), \(here) of \(status.plugins.count) plugins connected, "
          + "journal \(Figure.bytes(status.journal.bytes))\(free)")
    }
    let texts = alerts.prefix(Self.mostTold).map(\.told)
    let count = alerts.count == 1 ? "1 alert" : "\(alerts.count) alerts"
    let more = alerts.count > Self.mostTold ? "; and \(alerts.count - Self.mostTold) more" : ""
    return HarmlessText.shown("\(state): \(status.broker.name), \(count): \(texts.joined(separator: "; "))\(more)")
  }

  /// A line for each, and one for what to do.
  var advised: String {
    guard !alerts.isEmpty else { return line }
    return alerts.map { HarmlessText.shown($0.line) + ($0.advice.map { "\n  \($0)" } ?? "") }.joined(separator: "\n")
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.string("state", state)
      json.string("broker", status.broker.name)
      json.array("alerts") { json in
        for alert in alerts {
          json.object { json in
            json.string("code", alert.code)
            json.string("severity", alert.severity)
            json.string("subject", alert.subject)
            json.string("text", alert.text)
            if let advice = alert.advice { json.string("advice", advice) }
          }
        }
      }
    }
    return json.bytes
  }
}
