import CasusEvents
import CasusWire

@testable import CasusCore

/// Events of the bench are short texts: `id`, then `=variant`, `:type`, `@source` as wanted; `^red` in the id for RED, `^ex` for an
/// exercise, `^costly` for one that takes 10,000 steps to validate; `!` means not JSON. Behind the id `>other` refers to an event of `//jp.test/a`, `<other` takes its place, and
/// `%name` is the case's or the incident's; each source may be another's: `>x~//jp.test/b`.
struct BenchInspector: EventInspector {
  typealias Edition = String
  private var buffers: [[UInt8]] = [[], [], []]
  private(set) var lastID: String?
  private(set) var lastSteps = 0

  mutating func open(_ event: UnsafeRawBufferPointer) throws(WireError) -> EventFacts {
    let text = String(decoding: event, as: UTF8.self)
    lastID = nil
    lastSteps = 0
    guard !text.hasPrefix("!") else { throw WireError(.notJSON) }
    let parts = BenchRecord.parts(text)
    lastID = parts.id
    caseName = Array((parts.id.split(separator: "%").dropFirst().first ?? "").utf8)
    buffers = [Array(parts.id.utf8), Array(parts.source.utf8), Array(parts.type.utf8)]
    func pointer(_ place: Int) -> UnsafeBufferPointer<UInt8> { buffers[place].withUnsafeBufferPointer { $0 } }
    return EventFacts(
      id: pointer(0), source: pointer(1), type: pointer(2), time: nil,
      exercise: parts.id.prefix { $0 != ">" && $0 != "<" }.contains("^ex"),
      tlp: text.contains("^red") ? .red : .amber)
  }

  private(set) var references: [ReferenceFacts] = []
  private var named: [[UInt8]] = []

  mutating func findReferences(in event: UnsafeRawBufferPointer) {
    references = []
    named = []
    let id = BenchRecord.parts(String(decoding: event, as: UTF8.self)).id
    for part in id.split(whereSeparator: { $0 == "%" }).prefix(1) {
      for (mark, isReplaced) in [(">", false), ("<", true)] as [(Character, Bool)] {
        for word in part.split(separator: mark, omittingEmptySubsequences: false).dropFirst() {
          let words = word.prefix { $0 != ">" && $0 != "<" }.split(separator: "~")
          let source = words.count > 1 ? String(words[1]) : "//jp.test/a"
          named += [Array(source.utf8), Array(words[0].utf8)]
          references.append(
            ReferenceFacts(
              source: named[named.count - 2].withUnsafeBufferPointer { $0 },
              id: named[named.count - 1].withUnsafeBufferPointer { $0 }, isReplaced: isReplaced,
              place: UInt32(references.count)))
        }
      }
    }
  }

  func pointer(to reference: ReferenceFacts) -> String { "/data/refs/\(reference.place)" }

  private var caseName: [UInt8] = []

  func text(_ member: StaticString) -> UnsafeBufferPointer<UInt8>? {
    caseName.isEmpty ? nil : caseName.withUnsafeBufferPointer { $0 }
  }

  mutating func adopt(_ edition: String, for type: UInt16) {}

  mutating func validate(type: UInt16, name: UnsafeBufferPointer<UInt8>) throws(WireError) {
    lastSteps = lastID?.contains("^costly") == true ? 10_000 : 10
  }
}
