/// Whose a source is. Several keys of one agency are one voice.
public enum Agency {
  /// `//jp.nisc` of `//jp.nisc/suricata-1`.
  public static func of(_ source: String) -> String {
    var slashes = 0
    let end = source.utf8.firstIndex { byte in
      if byte == UInt8(ascii: "/") { slashes += 1 }
      return slashes == 3
    }
    return end.map { String(source[..<$0]) } ?? source
  }
}
