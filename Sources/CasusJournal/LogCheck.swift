import SystemFiles

/// Holds a log of values against what its journal knows of it.
struct LogCheck {
  let folder: String
  let name: String
  let card: JournalCard

  private var path: String { "\(folder)/\(name)" }

  /// That it is not there; nil when it is.
  var missing: JournalError? {
    Files.exists(path) ? nil : lost("it is missing")
  }

  /// What is wrong with a log that is whole in itself; nil when nothing is.
  func fault(of scan: ValueLogScan) -> JournalError? {
    guard let head = scan.head else { return nil }
    if head.journal != card.id {
      return lost("it belongs to the journal \(head.journal), and this one is \(card.id)")
    }
    if let mark = card.marks[name] {
      if head.generation < mark.generation {
        return lost("it is an old one: it was written anew \(mark.generation - head.generation) times after it")
      }
      if head.generation == mark.generation, scan.end < mark.size {
        return lost("it ends at byte \(scan.end), and was \(mark.size) bytes long: changes are gone")
      }
    }
    return nil
  }

  /// That the log speaks of sequences that the journal, which ends at `last`, does not have; nil when it does not.
  func fault(reaching reach: UInt64, beyond last: UInt64) -> JournalError? {
    guard reach > last else { return nil }
    return lost("it knows events up to \(reach), and the journal ends at \(last): the journal's end is gone")
  }

  private func lost(_ what: String) -> JournalError {
    let older = Files.exists(path + ValueLog.before) ? " (\(name)\(ValueLog.before) is the log as it was earlier)" : ""
    return JournalError(.lost, file: path, "\(what)\(older); \(JournalEnds.advice(folder))")
  }

  /// What a person can do about damage inside a log.
  static func repairAdvice(_ path: String) -> String {
    let name = fileName(path)
    let older =
      Files.exists(path + ValueLog.before)
      ? "; \(name)\(ValueLog.before) is the log as it was before it was last written anew" : ""
    return "to keep what stands before: casus journal repair \(path.dropLast(name.utf8.count + 1))\(older)"
  }
}
