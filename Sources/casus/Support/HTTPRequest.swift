/// The first line of an HTTP/1 request, which is all that one page needs. A plain value.
struct HTTPRequest: Hashable {
  /// A request's head is at most this long, in bytes.
  static let mostBytes = 8192

  var method: String
  /// Without what stands behind `?`.
  var path: String

  /// Nil unless the head is whole and begins as HTTP/1.0 or 1.1 does: a method, a path and the version, with one blank between them.
  init?(head: [UInt8]) {
    guard head.count <= Self.mostBytes, Self.isWhole(head), let end = head.firstIndex(of: UInt8(ascii: "\r")) else {
      return nil
    }
    let words = head[..<end].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, words.allSatisfy({ $0.allSatisfy { (0x21...0x7E).contains($0) } }), !words[0].isEmpty,
      words[1].first == UInt8(ascii: "/"), [Array("HTTP/1.0".utf8), Array("HTTP/1.1".utf8)].contains(Array(words[2]))
    else { return nil }
    method = String(decoding: words[0], as: UTF8.self)
    path = String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
  }

  /// Whether the empty line that ends a head has come.
  static func isWhole(_ head: [UInt8]) -> Bool {
    head.indices.dropLast(3).contains { head[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8) }
  }
}

/// An answer, after which the connection is closed. A plain value.
struct HTTPAnswer: Hashable {
  var status: Int
  var text: String
  var type = "text/plain; charset=utf-8"
  var hasBody = true

  private static let words = [
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable",
  ]

  var bytes: [UInt8] {
    let body = Array(text.utf8)
    let head =
      "HTTP/1.1 \(status) \(Self.words[status] ?? "Error")\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
      + (status == 405 ? "Allow: GET, HEAD\r\n" : "") + "Connection: close\r\n\r\n"
    return Array(head.utf8) + (hasBody ? body : [])
  }
}
