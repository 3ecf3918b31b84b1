import ArgumentParser
import CasusEvents
import CasusPlugin

/// Publishes numbered detections as fast as they are acknowledged, or at a rate, and notes each acknowledgement.
struct PublishLoad: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish numbered events until --count or SIGTERM; note what is acknowledged.")

  @Option(help: "Where to note each acknowledgement. A later run goes on behind the last number there.")
  var notes: String
  @Option(help: "How many; 0: until SIGTERM.") var count: UInt64 = 0
  @Option(help: "Events handed over at once.") var batch: UInt64 = 128
  @Option(help: "Calls of publish on their way at once.") var calls = 4
  @Option(help: "Events a second; 0: as fast as they are acknowledged.") var rate = 0.0
  @Option(help: "Bytes added to each event, at most 8,000.") var padding = 0

  func run() async throws {
    Stop.listen()
    let connection = try Connection.fromEnvironment(
      Manifest(
        program: "soak-load", version: "1.0.0", summary: "Load", publishes: [.detection], subscribes: []))
    let template = try Template(source: "//\(connection.identity)", padding: padding)
    let earlier = try Notes.read(notes)
    let file = try Notes(notes)
    let first = (earlier.map(\.number).max() ?? 0) + 1
    let last = count == 0 ? UInt64.max : first + count - 1
    let bus = try await Bus.connect(connection)
    var next = first
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      while next <= last, !Stop.isAsked {
        let numbers = next...min(last, next + batch - 1)
        next = numbers.upperBound + 1
        let events = numbers.map(template.event)
        // Handed over here, one after the other: the order of publishing is that of the numbers.
        let begun = wallClock()
        let pending = try await bus.hand(events)
        group.addTask {
          let outcomes = try await pending.outcomes()
          let now = wallClock()
          try file.add(
            try zip(numbers, outcomes).map { number, outcome in
              guard case .accepted(let sequence, _, let durability) = outcome, durability == "disk" else {
                throw Trouble("number \(number): \(outcome)")
              }
              return Notes.Entry(number: number, sequence: sequence, latency: now - begun, moment: now)
            })
        }
        running += 1
        if running >= calls {
          try await group.next()
          running -= 1
        }
        if rate > 0 { try await clock.sleep(until: start + .seconds(Double(next - first) / rate)) }
      }
      try await group.waitForAll()
    }
    await bus.close()
    print("published \(next - first)")
  }
}

/// An event's bytes with a number to be filled in.
struct Template: Sendable {
  private let bytes: [UInt8]
  private let places: [Int]
  private static let digits = 12

  init(source: String, padding: Int) throws {
    let mark = "n" + String(repeating: "0", count: Self.digits)
    let time = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    let text = String(repeating: "EXERCISE ", count: padding / 9)
    let draft = Draft(
      Detection(
        finding: Finding(uid: mark, title: "EXERCISE finding", analytic: Analytic(name: "exercise rule")),
        severityID: 1, firstSeen: time, lastSeen: time,
        raw: padding > 0 ? Excerpt(text: text, sha256: sha256Hex(Array(text.utf8))) : nil),
      id: mark, time: time, tlp: .amber, exercise: true)
    let bytes = try draft.encoded(source: source)
    let pattern = Array(mark.utf8)
    self.bytes = bytes
    places = bytes.indices.filter { bytes[$0...].starts(with: pattern) }
  }

  /// The same bytes for the same number, whoever asks and when: a repeat has to be recognised as one.
  func event(_ number: UInt64) -> [UInt8] {
    var event = bytes
    for place in places {
      var rest = number
      for digit in (1...Self.digits).reversed() {
        event[place + digit] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
    return event
  }

  /// The number of an event of this kind.
  static func number(of envelope: Envelope) -> UInt64? {
    envelope.id.hasPrefix("n") && envelope.id.utf8.count == digits + 1 ? UInt64(envelope.id.dropFirst()) : nil
  }
}
