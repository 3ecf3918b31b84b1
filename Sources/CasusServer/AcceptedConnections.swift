internal import CPlatform

/// How many connections the broker takes: so many that descriptors are left for the journal, and not more than a few at a time of
/// one address that have not proved a key. What is beyond is closed at once, counted and told.
///
/// libzmq accepts by itself whatever comes, and at the limit of open files spins: see `accepting.h`.
struct AcceptedConnections: ~Copyable {
  /// What is known now. All numbers since the start.
  struct Counts: Equatable {
    var noRoom = 0
    var unproved = 0
    /// Where the last one that was closed came from.
    var last = ""
    /// How many descriptors the process may have.
    var limit = 0
    /// Addresses whose connections are counted just now.
    var addresses = 0
  }

  /// What there is to tell, at most once in ten seconds.
  private var told = Counts()
  private var nextWord = Int64.min
  private static let pause: Int64 = 10_000_000_000

  /// From now on connections are bounded.
  init() {
    let limit = Self.look().limit
    casus_accepting_bound(Int32(Self.unproved(of: limit)))
  }

  /// Descriptors that are left for files: segments, positions, the registry, a backup.
  static func reserve(of limit: Int) -> Int { Int(casus_accepting_reserve(Int32(clamping: limit))) }
  /// Connections of one address that are in their handshake: enough for a host with a thousand plugins that all come back at
  /// once, and at most a quarter of what is left for connections, but for a very low limit.
  static func unproved(of limit: Int) -> Int { max(8, min(1_024, (limit - reserve(of: limit)) / 4)) }

  static func look() -> Counts {
    var found = casus_accepting()
    casus_accepting_look(&found)
    let last = withUnsafeBytes(of: found.last) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Counts(
      noRoom: Int(clamping: found.no_room), unproved: Int(clamping: found.unproved), last: last,
      limit: Int(found.limit), addresses: Int(found.addresses))
  }

  /// What an operator should know of the connections that were closed since it was told last.
  mutating func takeWord(at now: Int64, counts: Counts = look()) -> String? {
    guard now >= nextWord, counts.noRoom > told.noRoom || counts.unproved > told.unproved else { return nil }
    defer {
      told = counts
      nextWord = now + Self.pause
    }
    let from = counts.last.isEmpty ? "" : ", the last of them from \(counts.last)"
    var parts: [String] = []
    if counts.noRoom > told.noRoom {
      parts.append(
        "\(counts.noRoom - told.noRoom) connections for want of descriptors (the limit of open files is \(counts.limit); "
          + "raise it: LimitNOFILE, ulimit -n)")
    }
    if counts.unproved > told.unproved {
      parts.append(
        "\(counts.unproved - told.unproved) connections of addresses that had too many which did not prove a key")
    }
    return "closed " + parts.joined(separator: " and ") + from
  }
}
