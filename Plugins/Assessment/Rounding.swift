public import CasusEvents

/// A number for people and for bytes that stay equal: six decimal places unless asked otherwise. The last digits of a
/// logarithm may differ from one C library to the next; what is published doesn't carry them.
public func rounded(_ value: Double, places: Int = 6) -> Double {
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let result = (value * scale).rounded() / scale
  return result == 0 ? 0 : result
}

/// The first of some references and after it the others, each once, at most `limit`.
public func references(
  _ first: EventReference, then others: some Sequence<EventReference>, limit: Int
) -> [EventReference] {
  var seen: Set<EventReference> = [first]
  return [first] + others.filter { seen.insert($0).inserted }.prefix(max(0, limit - 1))
}
