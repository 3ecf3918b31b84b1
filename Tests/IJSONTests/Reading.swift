import IJSON
import Testing

/// What the strict reader says of a text: nil when it accepts it.
func refusal(_ text: String, limits: JSONLimits = .init()) -> JSONError? {
  refusal(Array(text.utf8), limits: limits)
}

func refusal(_ bytes: [UInt8], limits: JSONLimits = .init()) -> JSONError? {
  do {
    _ = try JSONParser(limits: limits).parse(bytes)
    return nil
  } catch {
    return error
  }
}

/// The text of a literal with any code point, which Swift's own literals don't all take.
func scalar(_ value: UInt32) -> String {
  Unicode.Scalar(value).map { String($0) } ?? "?"
}
