public import CasusEvents
import CasusWire
public import Logging
import Synchronization
import SystemFiles
import ZeroMQ

/// A connection to the broker, for as long as it lives: it reconnects by itself and re-sends what was not acknowledged.
///
/// Thread-safe. One thread of its own talks to the broker; nothing here blocks Swift's cooperative pool.
public final class Bus: Sendable {
  /// Who this is: `jp.nisc/suricata-1`. Events that it publishes have the source `//` + identity.
  public let identity: String
  public let logger: Logger
  let link: Link
  let heritage = Heritage()
  /// Of all events that it publishes.
  var source: String { "//\(identity)" }
  private let room: OutboxRoom
  private let file: OutboxFile?
  private let left: [PublishGroup]
  private let numbers = Atomic<Int>(1)

  /// The broker's public key in Z85, which the connection proves.
  package let brokerKey: String

  private init(_ connection: Connection, _ file: OutboxFile?, _ logger: Logger) throws(BusError) {
    brokerKey = connection.brokerKey.z85
    self.file = file
    identity = connection.identity
    self.logger = logger
    room = OutboxRoom(events: connection.outboxEvents, bytes: connection.outboxBytes)
    do {
      link = try Link.start(connection, room: room, logger: logger)
    } catch {
      throw BusError(.configuration, "the connection cannot be started: \(error)")
    }
    left = try Self.sendLeft(file, room, link)
    if let file, !file.left.isEmpty {
      logger.info("events of an earlier run wait in the outbox", metadata: ["count": "\(file.left.count)"])
    }
  }

  /// What an earlier process left in the file goes first. It takes its room without waiting: it was there before.
  private static func sendLeft(
    _ file: OutboxFile?, _ room: OutboxRoom, _ link: Link
  ) throws(BusError) -> [PublishGroup] {
    guard let file else { return [] }
    var groups: [PublishGroup] = []
    var rest = file.left[...]
    while let first = rest.first {
      let part = rest.prefix { $0.replay == first.replay && $0.descends == first.descends }
      rest = rest.dropFirst(part.count)
      let group = PublishGroup(count: part.count, file: file)
      var events = EncodedEvents()
      events.descends = first.descends
      for (index, kept) in part.enumerated() {
        group.keep(from: index, kept.number..<kept.number + 1)
        try events.append(kept.event)
      }
      room.occupy(events: events.count, bytes: events.size)
      link.mailbox.post(.publish(events, replay: first.replay, group: group, from: 0))
      groups.append(group)
    }
    return groups
  }

  deinit { link.mailbox.post(.close(within: .zero, reason: "")) }

  /// Connects, and returns when the broker has welcomed this identity.
  ///
  /// Throws `BusError`: `.unreachable` or `.keyRefused` when the connection's patience is over, at once when the broker
  /// refuses the identity for good. A cancelled task stops trying.
  public static func connect(_ connection: Connection) async throws -> Bus {
    try await connect(connection, logger: Logger(label: connection.identity) { _ in StderrLogHandler() })
  }

  /// The same, with a logger of the caller's.
  public static func connect(_ connection: Connection, logger: Logger) async throws -> Bus {
    try connection.checkOutbox()
    var file: OutboxFile?
    if let path = connection.outboxFile {
      file = try await OutboxFile.opened(path, identity: connection.identity) { logger.warning("\($0)") }
    }
    let bus = try Bus(connection, file, logger)
    _ = try await bus.link.connected.value()
    return bus
  }

  /// What the broker said when it let this plugin in first.
  func welcome() async throws -> Welcome { try await link.connected.value() }

  /// The journal's first and last sequence when this plugin was let in first.
  package func journal() async throws -> (first: UInt64, last: UInt64) {
    let welcome = try await welcome()
    return (welcome.first, welcome.last)
  }

  /// What of which journal this plugin is sent, as the broker said when it let it in first: the journal's id, its first and last
  /// sequence, the clearance, and the patterns of types that it may subscribe to.
  package func reach() async throws -> (
    journal: String, first: UInt64, last: UInt64, clearance: String, types: [String]
  ) {
    let welcome = try await welcome()
    return (welcome.journal, welcome.first, welcome.last, welcome.clearance, welcome.subscribe)
  }

  /// The strictest marking that this plugin is sent, as the registry said when it was let in first.
  public func clearance() async throws -> TLP { TLP(rawValue: try await welcome().clearance) ?? .clear }

  // MARK: Publishing

  /// Publishes events, and returns what became of each, in order, when the broker has every accepted one on disk.
  ///
  /// Waits as long as it takes: for room in the outbox, for a broker that is away. A draft without an id gets a UUIDv7.
  /// Throws `EventError` when a draft cannot be encoded (none is sent then), `BusError` when the bus ends before the answer, or
  /// `.outbox` for an event larger than any outbox (`Connection.mostOutboxBytes`).
  /// When the task is cancelled it throws `CancellationError`; what was handed over is sent all the same.
  ///
  /// A draft that names exercise or replayed events which this bus has handed out, or was given to publish, carries their marks:
  /// `exercise` and `descends` are set where they were not.
  public func publish(_ drafts: [Draft]) async throws -> [PublishOutcome] {
    try await hand(try encode(drafts)).outcomes()
  }

  /// Whether what is handed over outlives this process: the connection has an outbox file.
  public var hasOutboxFile: Bool { file != nil }

  /// Hands events over and returns when they are in the outbox: in its file, synced, where the connection has one, so that
  /// the place they came from may be left behind. They are sent until they are settled, by this process or the next.
  ///
  /// Waits for room in the outbox. Throws as `publish` does, and `BusError.outbox` when the file's disk did not take them.
  public func keep(_ drafts: [Draft]) async throws -> KeptEvents {
    KeptEvents(group: try await hand(try encode(drafts)))
  }

  /// Events that an earlier process left in the outbox file.
  public var leftCount: Int { file?.left.count ?? 0 }

  /// Their ids, in order; nil for one that is no event.
  public var leftIDs: [String?] {
    let unstamped = Stamp(sequence: 0, recorded: Timestamp(nanoseconds: 0), sender: "", flags: [])
    return (file?.left ?? []).map { try? RecordedEvent(stamp: unstamped, bytes: $0.event).envelope.id }
  }

  /// What became of the events that an earlier process left in the outbox file, in order, once all are settled.
  public func recovered() async throws -> [PublishOutcome] {
    var outcomes: [PublishOutcome] = []
    for group in left { outcomes += try await group.outcomes() }
    return outcomes
  }

  /// Publishes events that are encoded already, in CloudEvents 1.0 JSON. They carry marks on as drafts do: the bytes of one that
  /// names an exercise's event and has no `exercise` get it, but for replays.
  ///
  /// - Parameter replay: they come from a capture: their sources may be others', and their stamps say `replayed`. Needs the
  ///   role `replay`.
  public func publish(encoded events: [[UInt8]], replay: Bool = false) async throws -> [PublishOutcome] {
    if replay { return try await hand(events, replay: true).outcomes() }
    var pieces = EncodedPieces(for: room)
    for event in events {
      let (event, descends) = heritage.passOn(to: event)
      try pieces.add(descends: descends) { piece in try piece.append(event) }
    }
    return try await hand(pieces.finish()).outcomes()
  }

  /// Encodes drafts into the outbox's memory, in pieces that are handed over one by one.
  ///
  /// - Parameter marks: of the event that they follow from.
  func encode(_ drafts: [Draft], inheriting marks: StampFlags = []) throws -> [EncodedEvents] {
    let source = source
    var pieces = EncodedPieces(for: room)
    for var draft in drafts {
      if draft.id == nil { draft.id = makeUUIDv7() }
      heritage.passOn(marks, to: &draft, source: source)
      try pieces.add(descends: draft.descends) { piece in try piece.append(draft, source: source) }
    }
    return pieces.finish()
  }

  /// Hands events over to the outbox in order and as they are, waiting for room; the group tells what becomes of them.
  package func hand(_ events: [[UInt8]], replay: Bool = false) async throws -> PublishGroup {
    var pieces = EncodedPieces(for: room)
    for event in events { try pieces.add { piece in try piece.append(event) } }
    return try await hand(pieces.finish(), replay: replay)
  }

  /// The same with events that stand in the outbox's memory already.
  func hand(_ pieces: consuming [EncodedEvents], replay: Bool = false) async throws -> PublishGroup {
    var pieces = pieces
    let group = PublishGroup(count: pieces.reduce(0) { $0 + $1.count }, file: file)
    var start = 0
    for place in pieces.indices {
      // Taken out of the list: the file's heads are written into its memory, which nobody else may hold then.
      var piece = EncodedEvents()
      swap(&piece, &pieces[place])
      try await room.take(events: piece.count, bytes: piece.size)
      if let file {
        do {
          group.keep(from: start, try await file.keep(&piece, replay: replay))
        } catch {
          room.give(events: piece.count, bytes: piece.size)
          throw error
        }
      }
      link.mailbox.post(.publish(piece, replay: replay, group: group, from: start))
      start += piece.count
    }
    return group
  }

  /// Hands events over without waiting for room, which the caller bounds, for a thread that waits by itself.
  ///
  /// - Parameter whenSettled: called on the connection's thread once the group's `result` is there; it must not block.
  package func post(_ events: EncodedEvents, whenSettled: @escaping @Sendable () -> Void) -> PublishGroup {
    let group = PublishGroup(count: events.count, whenSettled: whenSettled)
    room.occupy(events: events.count, bytes: events.size)
    link.mailbox.post(.publish(events, replay: false, group: group, from: 0))
    return group
  }

  // MARK: Reading

  /// Subscribes. Events come as soon as the broker has confirmed; a refusal shows as an error of the stream.
  public func subscribe(_ request: Subscription) async throws -> EventStream {
    let stream = subscribe(request, held: false)
    _ = try await stream.position()
    return stream
  }

  func subscribe(_ request: Subscription, held: Bool) -> EventStream {
    let mailbox = link.mailbox
    let buffer = StreamBuffer(
      number: numbers.wrappingAdd(1, ordering: .relaxed).newValue, request: request, held: held
    ) { urgent in mailbox.poke(urgent: urgent) }
    mailbox.post(.subscribe(buffer))
    return EventStream(buffer, mailbox, heritage, logger)
  }

  // MARK: Questions and health

  /// Asks the broker: `status`, `schemas`, `schema` (with the parameter `type`). Returns its answer as JSON text.
  /// Throws `BusError.refused` when it does not know the question.
  public func request(_ what: String, _ parameters: [String: String] = [:]) async throws -> [UInt8] {
    let promise = Promise<[UInt8]>()
    let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
    link.mailbox.post(.request(Request(id: number, what: what, parameters: parameters), promise))
    return try await promise.value()
  }

  /// Says how this plugin is doing; shown by `casus status`. Returns at once; several words within 0.2 s become one.
  public func health(_ state: HealthState, _ text: String) {
    link.mailbox.post(.health(Ping(state: state, text: String(text.prefix(Ping.mostText)))))
  }

  // MARK: The end

  /// Ends the session in good order: waits until what was published is acknowledged and what was acknowledged has reached the
  /// broker, at most five seconds, and says goodbye.
  public func close() async { await close(within: .seconds(5), reason: "done") }

  func close(within bound: Duration, reason: String) async {
    link.mailbox.post(.close(within: bound, reason: reason))
    // The thread ends within the bound; a cancelled task must wait for it all the same.
    _ = await Task { [link] in try? await link.ended.value() }.value
    await file?.close()
  }
}

/// Events in the outbox on their way to the broker.
public struct KeptEvents: Sendable {
  let group: PublishGroup

  /// What became of each, in order, once all are settled. Throws `BusError` when the bus ends before that; in an outbox file
  /// they wait for the next process.
  public func outcomes() async throws -> [PublishOutcome] { try await group.outcomes() }
}
