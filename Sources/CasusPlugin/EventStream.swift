public import CasusEvents
import Logging
import SystemFiles

/// The events of a subscription, in rising order of sequence (a durable one may repeat what was not acknowledged).
///
/// Read it with one task: `for try await event in stream`. It buffers no more than the subscription's window; a slow reader
/// slows the broker's sending to it and nobody else. It survives reconnects: a durable one goes on at its cursor, an
/// ephemeral one behind the last event that came. Thread-safe. Ends with `cancel()`, with its last reference, or with the bus.
public final class EventStream: AsyncSequence, Sendable {
  public typealias Element = RecordedEvent

  let buffer: StreamBuffer
  private let mailbox: Mailbox<LinkMail>
  private let heritage: Heritage
  private let logger: Logger

  init(_ buffer: StreamBuffer, _ mailbox: Mailbox<LinkMail>, _ heritage: Heritage, _ logger: Logger) {
    self.buffer = buffer
    self.mailbox = mailbox
    self.heritage = heritage
    self.logger = logger
  }

  deinit { mailbox.post(.unsubscribe(buffer.number, forget: false, nil)) }

  public struct AsyncIterator: AsyncIteratorProtocol {
    let stream: EventStream

    /// The next event, or nil at the subscription's end. Throws `BusError` when the subscription failed, `CancellationError`
    /// when the task was cancelled.
    public mutating func next() async throws -> RecordedEvent? { try await stream.next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }

  /// The next event, as the iterator gives it.
  public func next() async throws -> RecordedEvent? {
    while let item = try await buffer.next() {
      do throws(EventError) {
        let event = try RecordedEvent(stamp: item.stamp, item.bytes)
        heritage.note(event)
        return event
      } catch {
        // The broker lets no such event in; one that is there all the same must not stop the others.
        logger.error(
          "an event cannot be read", metadata: ["sequence": "\(item.stamp.sequence)", "reason": "\(error)"])
        nack(item.stamp.sequence, delay: .seconds(1), reason: "unreadable: \(error)")
      }
    }
    return nil
  }

  /// What has come together, as it lies in its message, not parsed; nil at the end. For who forwards, keeps or counts events
  /// without looking into each, and so without their marks being known when they are named. One task at a time, and throws, as `next()`.
  public func nextBatch() async throws -> EventBatch? { try await buffer.nextBatch() }

  /// Where the subscription stood when it began: the position up to which everything is acknowledged (0 for an ephemeral
  /// one), and the journal's last sequence. Waits until the broker has confirmed the subscription; throws if it refused.
  public func position() async throws -> (acked: UInt64, last: UInt64) {
    let position = try await buffer.position.value()
    return (position.acked, position.last)
  }

  /// Durable: everything that was handed out up to this sequence is done with, but for what was nacked. The broker is told
  /// within milliseconds; returns at once.
  public func ack(upTo sequence: UInt64) { buffer.finish(through: sequence) }

  /// Durable: this event is done with, whatever is before it.
  public func ack(_ event: RecordedEvent) { buffer.finish(event.stamp.sequence) }

  /// Events that matched and that the broker did not send, by the subscription's overload policy.
  public var dropped: UInt64 { buffer.dropped }

  /// Durable: this event could not be processed. It comes again after `delay`, by default after the subscription's back-off,
  /// and goes to quarantine after its `maxAttempts` deliveries. `reason` is for people.
  public func nack(_ sequence: UInt64, delay: Duration? = nil, reason: String) {
    buffer.refuse(sequence, delay: delay, reason: reason)
  }

  /// Leaves the subscription. A durable one keeps its place with the broker, unless `forget`.
  public func cancel(forget: Bool = false) async throws {
    let promise = Promise<Void>()
    mailbox.post(.unsubscribe(buffer.number, forget: forget, promise))
    try await promise.value()
  }
}
