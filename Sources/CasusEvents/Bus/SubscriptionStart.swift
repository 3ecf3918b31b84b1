/// Where a subscription starts; a durable one that the broker knows goes on where it was, whatever this says.
public enum SubscriptionStart: Hashable, Sendable {
  /// The first event that the journal still holds.
  case earliest
  /// What comes from now on.
  case latest
  /// The event with this sequence or the first after it.
  case sequence(UInt64)
  /// The first event recorded at this moment or later.
  case time(Timestamp)
}
