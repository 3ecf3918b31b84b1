internal import CasusNames

/// A pattern over senders: `jp.nisc/suricata-1`, or `jp.nisc/*` for every plugin of an agency. Compared as bytes.
struct SenderPattern: Hashable, Sendable {
  let text: String

  /// Nil when the text is neither.
  init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, Name.isValid(parts[0]), Name.isValid(parts[1]) || parts[1].elementsEqual("*".utf8)
    else { return nil }
    self.text = text
  }

  func matches(_ sender: String) -> Bool {
    guard text.utf8.last == UInt8(ascii: "*") else { return text.utf8.elementsEqual(sender.utf8) }
    return sender.utf8.starts(with: text.utf8.dropLast())
  }
}
