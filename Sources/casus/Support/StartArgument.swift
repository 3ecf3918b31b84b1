import ArgumentParser
import CasusEvents
import CasusPlugin

/// `--from`: earliest, latest, a sequence or a time.
struct StartArgument: ExpressibleByArgument {
  var start: SubscriptionStart

  init(_ start: SubscriptionStart) { self.start = start }

  init?(argument: String) {
    switch argument {
    case "earliest": start = .earliest
    case "latest": start = .latest
    default:
      if let sequence = UInt64(argument) {
        start = .sequence(sequence)
      } else if let time = Timestamp(rfc3339: argument) {
        start = .time(time)
      } else {
        return nil
      }
    }
  }

  var defaultValueDescription: String {
    switch start {
    case .earliest: "earliest"
    case .latest: "latest"
    case .sequence(let sequence): String(sequence)
    case .time(let time): time.rfc3339
    }
  }
}
