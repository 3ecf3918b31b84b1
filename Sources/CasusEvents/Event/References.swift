package import IJSON

/// A reference as it stands in an event's data; its texts point into the document.
package struct FoundReference {
  package let source: UnsafeBufferPointer<UInt8>
  package let id: UnsafeBufferPointer<UInt8>
  /// It stands under the name `supersedes`: the event takes the place of what it names.
  package let isReplaced: Bool
  package let value: JSONValue
}

extension UnsafeRawBufferPointer {
  /// Whether there may be references in an event, or in its data: a first look, the broker's and every client's. What is found by it
  /// is then read.
  package var mayHoldReferences: Bool { mayHold("sha256") }

  /// Whether an event may say of itself that it is an exercise's.
  package var mayHoldExercise: Bool { mayHold("exercise") }
}

extension JSONValue {
  /// Calls `body` for each reference in an event's data, in the order of the text: every object with the strings `source`, `id` and
  /// `sha256`, wherever it stands. Only what is named under `about` an event speaks of, and does not rest on: that is none.
  package func forEachReference(_ body: (FoundReference) -> Void) { look(isReplaced: false, body) }

  private func look(isReplaced: Bool, _ body: (FoundReference) -> Void) {
    switch kind {
    case .object:
      if let source = self["source"]?.utf8, let id = self["id"]?.utf8, self["sha256"]?.utf8 != nil {
        body(FoundReference(source: source, id: id, isReplaced: isReplaced, value: self))
      }
      for member in members where member.value.count > 0 && !member.name.isText("about") {
        member.value.look(isReplaced: member.name.isText("supersedes"), body)
      }
    case .array:
      for element in elements { element.look(isReplaced: isReplaced, body) }
    default: break
    }
  }
}

extension Draft {
  /// Takes over the marks of what it rests on: `exercise` is the event's own, `descends` goes beside it.
  public mutating func inherit(_ marks: StampFlags) {
    if marks.contains(.exercise) { exercise = true }
    if marks.isReplay { descends = true }
  }

  /// What it carries on itself.
  package var marks: StampFlags {
    var marks: StampFlags = exercise ? .exercise : []
    if descends { marks.insert(.descends) }
    return marks
  }
}
