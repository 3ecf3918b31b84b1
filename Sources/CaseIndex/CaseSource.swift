public import CasusEvents

/// A journal as whoever keeps an index of it reads it: over the bus, or from its folder.
public protocol CaseSource {
  /// Who reads what of which journal.
  var owner: IndexOwner { get }
  /// The journal's first and last sequence when the reading began.
  var first: UInt64 { get }
  var last: UInt64 { get }

  /// Everything from a sequence on, up to the last event, in order.
  func read(from sequence: UInt64, _ body: (RecordedEvent) throws -> Void) async throws
  /// Some events, as far as they can be read.
  func fetch(_ sequences: Set<UInt64>) async throws -> [UInt64: RecordedEvent]
}

extension CaseSource {
  /// Stretches that hold the wanted sequences: what lies close together is read in one go.
  public static func stretches(_ sequences: Set<UInt64>) -> [ClosedRange<UInt64>] {
    var stretches: [ClosedRange<UInt64>] = []
    for sequence in sequences.sorted() {
      if let last = stretches.last, sequence - last.upperBound <= 32 {
        stretches[stretches.count - 1] = last.lowerBound...sequence
      } else {
        stretches.append(sequence...sequence)
      }
    }
    return stretches
  }
}
