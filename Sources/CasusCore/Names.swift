/// Event types and senders as small numbers, so that routing compares integers. Only grows; lookup allocates nothing.
///
/// Numbers are given in the order of first use, from 0; at most 65,535, which is also what a journal's segment holds.
public struct Names: Sendable {
  public private(set) var texts: [String] = []
  private var bytes: [[UInt8]] = []
  // Open addressing, because a Dictionary would want an owned key for each event that asks.
  private var table: [UInt16] = Array(repeating: .max, count: 64)
  /// Numbers kept free for names that will come.
  private var reserved = 0

  public init() {}

  /// Numbers that are left.
  var room: Int { Int(UInt16.max) - texts.count - reserved }

  /// Keeps some numbers free, all or none.
  mutating func reserve(_ count: Int) -> Bool {
    guard count <= room else { return false }
    reserved += count
    return true
  }

  /// Ends a reservation: the names it was for are interned now, or never.
  mutating func release(_ count: Int) {
    precondition(count <= reserved)
    reserved -= count
  }

  public var count: Int { texts.count }

  public subscript(id: UInt16) -> String { texts[Int(id)] }

  /// The number of a name seen before.
  public func find(_ name: UnsafeBufferPointer<UInt8>) -> UInt16? {
    var slot = Self.hash(name) & (table.count - 1)
    while table[slot] != .max {
      let id = table[slot]
      if sameBytes(bytes[Int(id)], name) { return id }
      slot = (slot + 1) & (table.count - 1)
    }
    return nil
  }

  /// The number of a name, new or not; nil when there are too many.
  public mutating func intern(_ name: UnsafeBufferPointer<UInt8>) -> UInt16? {
    if let id = find(name) { return id }
    guard room > 0 else { return nil }
    let id = UInt16(texts.count)
    texts.append(String(decoding: name, as: UTF8.self))
    bytes.append(Array(name))
    if texts.count * 2 > table.count { grow() }
    insert(id)
    return id
  }

  public func find(_ name: String) -> UInt16? {
    var name = name
    return name.withUTF8 { find($0) }
  }

  public mutating func intern(_ name: String) -> UInt16? {
    var name = name
    return name.withUTF8 { intern($0) }
  }

  private mutating func insert(_ id: UInt16) {
    var slot = bytes[Int(id)].withUnsafeBufferPointer { Self.hash($0) } & (table.count - 1)
    while table[slot] != .max { slot = (slot + 1) & (table.count - 1) }
    table[slot] = id
  }

  private mutating func grow() {
    table = Array(repeating: .max, count: table.count * 2)
    // The newest is not in the old table yet; the caller inserts it.
    for id in 0..<(texts.count - 1) { insert(UInt16(id)) }
  }

  /// Eight bytes at a time, like FNV-1a; each word's high bits are folded down, where the table looks.
  private static func hash(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    let bytes = UnsafeRawBufferPointer(name)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var place = 0
    while place < bytes.count {
      let word =
        bytes.count - place >= 8
        ? bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) : Self.rest(bytes, from: place)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      place += 8
    }
    return Int(truncatingIfNeeded: hash >> 1)
  }

  private static func rest(_ bytes: UnsafeRawBufferPointer, from start: Int) -> UInt64 {
    var word: UInt64 = 0
    for place in start..<bytes.count { word = word << 8 | UInt64(bytes[place]) }
    return word
  }
}
