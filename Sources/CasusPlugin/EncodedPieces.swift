/// Events that are handed to an outbox, in pieces that take their room one by one. Those of one piece descend from replayed events
/// all, or not. A plain value.
struct EncodedPieces {
  private var whole: [EncodedEvents] = []
  private var piece = EncodedEvents()
  private let room: OutboxRoom

  init(for room: OutboxRoom) { self.room = room }

  /// Adds the event that `append` writes; after an error the whole is not to be used.
  mutating func add(descends: Bool = false, _ append: (inout EncodedEvents) throws -> Void) rethrows {
    if piece.count > 0, piece.descends != descends { cut() }
    piece.descends = descends
    try append(&piece)
    if piece.isPiece(of: room) { cut() }
  }

  private mutating func cut() {
    whole.append(piece)
    piece = EncodedEvents()
  }

  consuming func finish() -> [EncodedEvents] { piece.count > 0 ? whole + [piece] : whole }
}
