internal import IJSON

/// The fate of a batch: sent once every accepted event of it is as durable as it says.
///
///     {"op":"published","batch":17,"durability":"disk","accepted":1,"first":"101",
///      "duplicates":[{"index":1,"sequence":"55"}],"refused":[{"index":2,"id":"d-3","code":303,…}],
///      "jumps":[{"index":3,"sequence":"140"}]}
public struct Published: Hashable, Sendable {
  /// The sequence of an accepted event, from which those after it in the batch count on.
  public struct Jump: Hashable, Sendable {
    public var index: Int
    public var sequence: UInt64
    public init(index: Int, sequence: UInt64) {
      self.index = index
      self.sequence = sequence
    }
  }

  public struct Duplicate: Hashable, Sendable {
    public var index: Int
    public var sequence: UInt64
    public init(index: Int, sequence: UInt64) {
      self.index = index
      self.sequence = sequence
    }
  }

  public struct Refused: Hashable, Sendable {
    public var index: Int
    /// Nil where none could be read.
    public var id: String?
    public var error: WireError
    public init(index: Int, id: String?, error: WireError) {
      self.index = index
      self.id = id
      self.error = error
    }
  }

  public var batch: Int
  /// `disk`, or `os` when the operating system alone has the bytes.
  public var durability: String
  /// Newly accepted events; in the batch's order they have the sequences `first`, `first`+1, … up to the next of `jumps`.
  public var accepted: Int
  /// Of no meaning when nothing was accepted.
  public var first: UInt64
  public var duplicates: [Duplicate]
  public var refused: [Refused]
  /// By rising index: where the events of others came in between. Empty unless the batch was judged in parts.
  public var jumps: [Jump]

  public init(
    batch: Int, durability: String = "disk", accepted: Int = 0, first: UInt64 = 0, duplicates: [Duplicate] = [],
    refused: [Refused] = [], jumps: [Jump] = []
  ) {
    self.batch = batch
    self.durability = durability
    self.accepted = accepted
    self.first = first
    self.duplicates = duplicates
    self.refused = refused
    self.jumps = jumps
  }
}

extension Published: WireMessage {
  static let op: StaticString = "published"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("batch", batch)
    writer.member("durability", durability)
    writer.member("accepted", accepted)
    if accepted > 0 { writer.member("first", sequence: first) }
    if !duplicates.isEmpty {
      writer.array("duplicates", duplicates) { writer, duplicate in
        writer.object {
          $0.member("index", duplicate.index)
          $0.member("sequence", sequence: duplicate.sequence)
        }
      }
    }
    if !refused.isEmpty {
      writer.array("refused", refused) { writer, refused in
        writer.object {
          $0.member("index", refused.index)
          $0.member("id", ifPresent: refused.id)
          refused.error.encodeMembers(into: &$0)
        }
      }
    }
    if !jumps.isEmpty {
      writer.array("jumps", jumps) { writer, jump in
        writer.object {
          $0.member("index", jump.index)
          $0.member("sequence", sequence: jump.sequence)
        }
      }
    }
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      batch: try reader.integer("batch", in: counts), durability: try reader.string("durability"),
      accepted: try reader.integer("accepted", in: counts))
    if accepted > 0 { first = try reader.sequence("first") }
    duplicates = try reader.objects("duplicates") { (object) throws(WireError) in
      Duplicate(index: try object.integer("index", in: counts), sequence: try object.sequence("sequence"))
    }
    refused = try reader.objects("refused") { (object) throws(WireError) in
      Refused(
        index: try object.integer("index", in: counts), id: try object.optionalString("id"),
        error: try WireError(object))
    }
    jumps = try reader.objects("jumps") { (object) throws(WireError) in
      Jump(index: try object.integer("index", in: counts), sequence: try object.sequence("sequence"))
    }
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Published {
    var sample = Published(
      batch: random.number(), durability: random.text(), accepted: random.number(),
      duplicates: random.list { Duplicate(index: $0.number(), sequence: $0.sequence()) },
      refused: random.list {
        Refused(index: $0.number(), id: $0.optional { $0.text() }, error: .sample(using: &$0))
      }, jumps: random.list { Jump(index: $0.number(), sequence: $0.sequence()) })
    if sample.accepted > 0 { sample.first = random.sequence() }
    return sample
  }
}
